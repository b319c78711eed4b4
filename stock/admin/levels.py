"""Levels, the ledger and reservations: to be read. Services write them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from oms.core import clock
from oms.core.access import access_for
from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.core.admin.references import NamedReferencesMixin
from stock.admin.articles import FoundByArticle, OpensLevel, SortedWhereNarrow
from stock.admin.ledger_filters import RecordedFilter
from stock.models import Reservation, StockLevel, StockMovement, Variant
from stock.queries.availability import Waterfall
from stock.queries.explaining import explain_level
from stock.queries.level_pages import level_page


class MomentForm(forms.Form):
    at = forms.DateTimeField(
        label=_("Moment"),
        input_formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "step": "1", "class": "halles-input"}, format="%Y-%m-%dT%H:%M:%S"
        ),
    )


@admin.register(StockLevel)
class StockLevelAdmin(SortedWhereNarrow, FoundByArticle, ReadOnlyMixin, ScopedAdmin):
    """What lies where, and how much of it may be sold."""

    list_display = (
        "variant",
        "stock_point",
        "on_hand",
        "reserved",
        "unavailable",
        "protected",
        "available",
        "as_of",
    )
    list_select_related = ("variant", "stock_point")
    list_filter = (("stock_point", AutocompleteSelectFilter), ("variant", AutocompleteSelectFilter))
    list_filter_submit = True
    search_fields = ("variant__sku__exact",)
    search_help_text = _(
        "A whole SKU or a scanned GTIN. Narrowed to an article or a stock point, the list can be sorted."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLevel]:
        return super().get_queryset(request).select_related("variant__product", "stock_point")

    @admin.display(description=_("available"))
    def available(self, level: StockLevel) -> int:
        return waterfall_of(level).available

    def get_urls(self) -> list[URLPattern]:
        explain = path(
            "<path:object_id>/explain/", self.admin_site.admin_view(self.explain), name="stock_stocklevel_explain"
        )
        of = path("of/", self.admin_site.admin_view(self.of), name="stock_stocklevel_of")
        return [of, explain, *super().get_urls()]

    def of(self, request: HttpRequest) -> HttpResponse:
        """The page of the level of `sku` at `stock_point`; where none is asked for or nothing ever lay, all of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        variant = get_object_or_404(Variant, sku=request.GET.get("sku", "")[:64])
        point = request.GET.get("stock_point", "")
        level = self.get_queryset(request).filter(variant=variant, stock_point__code=point[:64]).first()
        if level is not None:
            return redirect("admin:stock_stocklevel_change", level.pk)
        if point:
            messages.info(request, _("Nothing of %(sku)s has ever lain there.") % {"sku": variant.sku})
        return redirect(f"{reverse('admin:stock_stocklevel_changelist')}?variant__id__exact={variant.pk:d}")

    def explain(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The level as its books said at a past moment."""
        level = self.get_object(request, unquote(object_id))
        if level is None:
            raise Http404
        if not self.has_view_permission(request, level):
            raise PermissionDenied
        form = MomentForm(request.GET if "at" in request.GET else {"at": clock.now()})
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(level),
            "level": level,
            "form": form,
            "told": explain_level(level, at=form.cleaned_data["at"]) if form.is_valid() else None,
        }
        return TemplateResponse(request, "admin/stock/explanation.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The level's own page; nothing is typed into one, so nothing can be posted to it."""
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        level = self.get_object(request, unquote(object_id))
        if level is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        before = request.GET.get("before", "")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(level),
            "original": level,
            "page": level_page(level, access=access_for(request), before=int(before) if before.isdecimal() else None),
            "may_set_aside": request.user.has_perm("stock.add_unavailability"),
            "may_see_allotments": request.user.has_perm("stock.view_channelallotment"),
            "may_see_rules": request.user.has_perm("stock.view_protectionrule"),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/stock/level.html", context)


def waterfall_of(level: StockLevel) -> Waterfall:
    return Waterfall(level.on_hand, level.reserved, level.unavailable, level.protected)


@admin.register(StockMovement)
class StockMovementAdmin(
    NamedReferencesMixin, SortedWhereNarrow, OpensLevel, FoundByArticle, ReadOnlyMixin, ScopedAdmin
):
    """The ledger: every change of on hand, once, for ever."""

    references = ("reference",)
    list_display = (
        "id",
        "variant",
        "level",
        "kind",
        "quantity",
        "reference_named",
        "occurred_at",
        "recorded_at",
    )
    list_select_related = ("variant", "stock_point")
    list_filter = (
        "kind",
        ("stock_point", AutocompleteSelectFilter),
        ("variant", AutocompleteSelectFilter),
        ("recorded_at", RecordedFilter),
    )
    list_filter_submit = True
    list_before_template = "admin/stock/ledger_since.html"
    search_fields = ("reference__exact",)

    def with_references(self, movements: QuerySet[StockMovement]) -> QuerySet[StockMovement]:
        """What feeds wrote is found by its article: a million movements have one reference there."""
        return movements.own()  # type: ignore[attr-defined, no-any-return]


@admin.register(Reservation)
class ReservationAdmin(NamedReferencesMixin, OpensLevel, FoundByArticle, ReadOnlyMixin, ScopedAdmin):
    """Units promised to somebody."""

    references = ("owner",)
    list_display = (
        "id",
        "owner_named",
        "variant",
        "level",
        "channel",
        "quantity",
        "state",
        "expires_at",
        "created_at",
    )
    list_select_related = ("variant", "stock_point", "channel")
    list_filter = (
        "state",
        ("stock_point", AutocompleteSelectFilter),
        ("variant", AutocompleteSelectFilter),
    )
    list_filter_submit = True
    search_fields = ("owner__exact",)
    search_help_text = _("A whole owner, for example an order's number, a whole SKU or a scanned GTIN.")
