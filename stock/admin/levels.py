"""Levels, the ledger and reservations: to be read. Services write them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter

from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from stock.models import Reservation, StockLevel, StockMovement
from stock.queries.availability import Waterfall

SHOWN_MOVEMENTS = 30


@admin.register(StockLevel)
class StockLevelAdmin(ReadOnlyMixin, ScopedAdmin):
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
    search_fields = ("variant__sku__exact", "variant__gtin__exact")
    search_help_text = _("A whole SKU or a scanned GTIN.")
    fields = ("variant", "stock_point", "waterfall", "by_channel", "as_of", "movements", "reservations")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLevel]:
        return super().get_queryset(request).select_related("variant", "stock_point")

    def get_readonly_fields(self, request: HttpRequest, obj: StockLevel | None = None) -> tuple[str, ...]:
        return self.fields

    @admin.display(description=_("available"))
    def available(self, level: StockLevel) -> int:
        return waterfall_of(level).available

    @admin.display(description=_("waterfall"))
    def waterfall(self, level: StockLevel) -> SafeString:
        """On hand − reserved − unavailable − protected = available, for channels without a rule of their own."""
        return render_to_string("admin/stock/waterfall.html", {"waterfall": waterfall_of(level)})

    @admin.display(description=_("protection by channel"))
    def by_channel(self, level: StockLevel) -> SafeString:
        rows = level.channel_protections.select_related("channel").order_by("channel__code")
        return render_to_string("admin/stock/channel_protections.html", {"rows": rows})

    @admin.display(description=_("latest movements"))
    def movements(self, level: StockLevel) -> SafeString:
        rows = StockMovement.objects.filter(variant_id=level.variant_id, stock_point_id=level.stock_point_id)
        return render_to_string("admin/stock/movements.html", {"rows": rows.order_by("-pk")[:SHOWN_MOVEMENTS]})

    @admin.display(description=_("live reservations"))
    def reservations(self, level: StockLevel) -> SafeString:
        rows = Reservation.objects.live().filter(variant_id=level.variant_id, stock_point_id=level.stock_point_id)
        return render_to_string("admin/stock/reservations.html", {"rows": rows.order_by("-pk")[:SHOWN_MOVEMENTS]})


def waterfall_of(level: StockLevel) -> Waterfall:
    return Waterfall(level.on_hand, level.reserved, level.unavailable, level.protected)


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyMixin, ScopedAdmin):
    """The ledger: every change of on hand, once, for ever."""

    list_display = ("id", "variant", "stock_point", "kind", "quantity", "reference", "occurred_at", "recorded_at")
    list_select_related = ("variant", "stock_point")
    list_filter = (
        "kind",
        ("stock_point", AutocompleteSelectFilter),
        ("variant", AutocompleteSelectFilter),
        ("recorded_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    search_fields = ("reference__exact",)
    search_help_text = _("A whole reference.")


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyMixin, ScopedAdmin):
    """Units promised to somebody."""

    list_display = ("id", "owner", "variant", "stock_point", "channel", "quantity", "state", "expires_at", "created_at")
    list_select_related = ("variant", "stock_point", "channel")
    list_filter = (
        "state",
        ("stock_point", AutocompleteSelectFilter),
        ("variant", AutocompleteSelectFilter),
    )
    list_filter_submit = True
    search_fields = ("owner__exact",)
    search_help_text = _("A whole owner, for example an order's number.")
