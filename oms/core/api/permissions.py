"""A key does what its scopes say. Whose objects it sees is another question (`access_for`)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from oms.core.errors import Forbidden
from oms.core.models import ApiClient

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which itself imports this module, by the settings


class HasScope(BasePermission):
    """`required_scopes` of the view: one scope for all methods, or `{"GET": …, "POST": …}`.

    A method the view does not name is refused: forgetting one must not open it.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        client = request.user
        if not isinstance(client, ApiClient):
            return False
        if request.method == "OPTIONS" or not hasattr(view, (request.method or "").lower()):
            return True  # nothing is done; a method the view does not have is answered 405
        scope = required_scope(view, request.method or "")
        if scope is None:
            raise Forbidden("No scope opens this method.")
        if not client.has_scope(scope):
            raise Forbidden(f"This key lacks the scope {scope}.", data={"scope": scope})
        return True


def required_scope(view: "APIView", method: str) -> str | None:
    """The scope a method of the view needs; None where the view does not say."""
    scopes: str | Mapping[str, str] = getattr(view, "required_scopes", {})
    if isinstance(scopes, str):
        return scopes
    return scopes.get("GET" if method == "HEAD" else method)
