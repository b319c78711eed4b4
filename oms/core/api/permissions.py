"""A key does what its scopes say. Whose objects it sees is another question (`access_for`)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from oms.core.errors import Forbidden
from oms.core.models import ApiClient

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which itself imports this module, by the settings

Scopes = str | tuple[str, ...]


class HasScope(BasePermission):
    """`required_scopes` of the view: what opens all methods, or `{"GET": …, "POST": …}`.

    A method is opened by one scope, or by any of several.

    A method the view does not name is refused: forgetting one must not open it.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        client = request.user
        if not isinstance(client, ApiClient):
            return False
        if request.method == "OPTIONS" or not hasattr(view, (request.method or "").lower()):
            return True  # nothing is done; a method the view does not have is answered 405
        scopes = opening_scopes(view, request.method or "")
        if not scopes:
            raise Forbidden("No scope opens this method.")
        if not any(client.has_scope(scope) for scope in scopes):
            raise Forbidden(f"This key lacks the scope {' or '.join(scopes)}.", data={"scope": scopes[0]})
        return True


def opening_scopes(view: "APIView", method: str) -> tuple[str, ...]:
    """The scopes each of which opens a method of the view; none where the view does not say."""
    declared: Scopes | Mapping[str, Scopes] = getattr(view, "required_scopes", {})
    found = declared.get("GET" if method == "HEAD" else method, ()) if isinstance(declared, Mapping) else declared
    return (found,) if isinstance(found, str) else tuple(found)
