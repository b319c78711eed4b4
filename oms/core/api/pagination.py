"""Lists by cursor: stable while rows are added, and as fast on the last page as on the first."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework import pagination
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from oms.core.errors import Invalid

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which itself imports this module, by the settings


class CursorPagination(pagination.CursorPagination):
    """Newest first by default; a view may set `ordering` to other unique, indexed fields."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500
    ordering = "-id"

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: "APIView") -> tuple[str, ...]:
        ordering = getattr(view, "ordering", self.ordering)
        return (ordering,) if isinstance(ordering, str) else tuple(ordering)

    def paginate_queryset(  # type: ignore[override]
        self, queryset: QuerySet[Any], request: Request, view: "APIView | None" = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValueError, ValidationError) as error:
            if self.cursor_query_param not in request.query_params:
                raise
            raise Invalid("This cursor was not given by this list.", errors={"cursor": ["Invalid cursor."]}) from error
