"""What every list and form of the admin has in common: whose objects one sees, and lists that stay fast."""

from functools import cache, partial
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.text import capfirst
from unfold.admin import ModelAdmin

from oms.core.access import access_for
from oms.core.admin.values import shown_columns, shown_fields

COUNTED_AT_MOST = 10_000


class EstimatingPaginator(Paginator):
    """Exact up to `COUNTED_AT_MOST` rows. Beyond, a whole table is estimated, and a filtered list stops there."""

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        rows: QuerySet[Model] = self.object_list  # type: ignore[assignment]
        counted = rows.order_by()[: COUNTED_AT_MOST + 1].count()
        if counted <= COUNTED_AT_MOST or rows.query.where:
            return counted
        return max(counted, estimated_rows(rows.model))


def estimated_rows(model: type[Model]) -> int:
    """What the database's statistics say; -1 when it has none yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        return int(cursor.fetchone()[0])


class OmsAdmin(ModelAdmin):
    """Shows only what the user may see, wherever the queryset knows (`visible_to`)."""

    paginator = EstimatingPaginator
    show_full_result_count = False
    list_per_page = 50
    ordering: ClassVar[Any] = ("-pk",)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._columns_shown(tuple(super().get_list_display(request)))

    @cached_property
    def _columns_shown(self) -> Any:
        """The same functions each time: whether a list is sorted by one is asked by comparing them."""
        return cache(partial(shown_columns, self.model))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Of a page to look at, with its values as the lists show them."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": shown_fields(self.model, options["fields"])}) for title, options in fieldsets
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return visible(super().get_queryset(request), request)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponseRedirect:
        """Another's object is not found, as in the API; Django would go back to the list and say so."""
        raise Http404(f"There is no {opts.verbose_name} {object_id}.")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """A page to look at is headed by what it shows; "View %s" cannot be said of every noun in every language."""
        obj = kwargs.get("obj")
        if obj is not None and not self.has_change_permission(request, obj):
            context["title"] = capfirst(self.opts.verbose_name)
        return super().render_change_form(request, context, *args, **kwargs)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if "queryset" not in kwargs:
            kwargs["queryset"] = visible(db_field.remote_field.model._default_manager.all(), request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ScopedAdmin(OmsAdmin):
    """For objects that belong to stock points or channels: a queryset that cannot tell whose they are is a mistake."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        if not hasattr(queryset, "visible_to"):
            raise ImproperlyConfigured(f"{type(queryset).__name__} has no visible_to(access).")
        return queryset


class ReadOnlyMixin:
    """Nothing can be added, changed or deleted here: what is shown is written by services."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnlyMixin, OmsAdmin):
    """A list and details to look at."""


def visible(queryset: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """The rows the request's user may see."""
    if not hasattr(queryset, "visible_to"):
        return queryset
    limited: QuerySet[Any] = queryset.visible_to(access_for(request))
    return limited
