"""The views every API endpoint is built on."""

from abc import ABC, abstractmethod
from datetime import UTC
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.views import APIView

from oms.core.access import Access, access_for
from oms.core.api.parsers import body_limit, refuse_longer
from oms.core.api.webhooks import verify
from oms.core.errors import Malformed


class ApiMixin:
    """Refuses what no endpoint could store, and knows whose objects the key may see.

    A view that takes larger bodies than `DATA_UPLOAD_MAX_MEMORY_SIZE` says so by `max_body_bytes`.
    """

    request: Request
    kwargs: dict[str, Any]

    def dispatch(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The API speaks UTC, whatever the zone of the pages; a time without a zone is read as UTC."""
        with timezone.override(UTC):
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        values = [value for _, found in request.query_params.lists() for value in found]
        if any("\0" in value for value in [*values, *map(str, kwargs.values())]):
            raise Malformed("The address may not contain the character NUL.")
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        # Before anything of it is read, whatever the media type: a file too large must not even reach the disk.
        refuse_longer(int(request.META.get("CONTENT_LENGTH") or 0), body_limit(self))

    @property
    def access(self) -> Access:
        return access_for(self.request)

    def visible(self, queryset: Any) -> Any:
        """The rows of the queryset this key may see."""
        return queryset.visible_to(self.access)


class ApiView(ApiMixin, APIView):  # type: ignore[misc]
    """One endpoint: parse, call a service or a query, answer."""


class _VisibleQueryset(ApiMixin):
    def get_queryset(self) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_queryset()  # type: ignore[misc]
        if getattr(self, "swagger_fake_view", False):
            return queryset.none()
        return self.visible(queryset)  # type: ignore[no-any-return]


class ListView(_VisibleQueryset, generics.ListAPIView):  # type: ignore[misc]
    """A cursor-paginated list of what the key may see; `queryset` must have `visible_to`."""


class DetailView(_VisibleQueryset, generics.RetrieveAPIView):  # type: ignore[misc]
    """One object the key may see; another's is not found."""


class SignedView(ApiView, ABC):  # type: ignore[misc]
    """For peers that sign their messages instead of holding a key. `secret_name` tells whose secret it is."""

    authentication_classes = ()
    permission_classes = ()

    @abstractmethod
    def secret_name(self) -> str:
        """The name of the secret, e.g. `carrier:house`."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        verify(request, self.secret_name())
