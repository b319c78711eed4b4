from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from oms.core.admin.base import OmsAdmin, ScopedAdmin
from oms.core.admin.csv_files import CsvMixin
from stock.admin.stock_point_files import StockPointResource
from stock.models import ChannelMember, ClientAccess, StockPoint, StockPointGroup, StockPointMember
from stock.services.organising import protect_again


@admin.register(StockPointGroup)
class StockPointGroupAdmin(OmsAdmin):
    """Named sets of stock points, for rules."""

    list_display = ("code", "name")
    search_fields = ("code", "name")
    ordering = ("code",)


class StockPointMemberInline(TabularInline):
    model = StockPointMember
    autocomplete_fields = ("user",)
    extra = 0


@admin.register(StockPoint)
class StockPointAdmin(CsvMixin, ScopedAdmin):
    """Every place that holds stock: what it offers, when it works, what it costs; as CSV too."""

    resource_classes: ClassVar[list[Any]] = [StockPointResource]

    list_display = (
        "code",
        "name",
        "kind",
        "postcode",
        "country",
        "is_active",
        "paused_until",
        "priority",
        "daily_order_capacity",
    )
    list_filter = ("kind", "is_active", "country")
    search_fields = ("code", "name", "postcode")
    autocomplete_fields = ("banner", "groups")
    ordering = ("code",)
    inlines = (StockPointMemberInline,)
    fieldsets = (
        (None, {"fields": ("code", "name", "kind", "banner", "groups", "tags", "is_active")}),
        (_("Place"), {"fields": (("latitude", "longitude"), ("postcode", "country"), "timezone")}),
        (
            _("Services"),
            {
                "fields": (
                    ("ships_orders", "offers_pickup", "offers_reservation"),
                    ("takes_orders", "accepts_returns"),
                )
            },
        ),
        (_("Work"), {"fields": ("opening_hours", "closed_on", "cut_off", "preparation_minutes")}),
        (
            _("Capacity and costs"),
            {
                "fields": (
                    ("daily_order_capacity", "hourly_order_capacity"),
                    "paused_until",
                    "priority",
                    ("handling_cost", "currency"),
                    "expected_decline_percent",
                )
            },
        ),
    )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and {"kind", "groups"} & set(form.changed_data):
            protect_again([form.instance])


@admin.register(ChannelMember)
class ChannelMemberAdmin(OmsAdmin):
    """People who look after one channel, and so see its orders only."""

    list_display = ("user", "channel")
    list_select_related = ("user", "channel")
    autocomplete_fields = ("user", "channel")


@admin.register(ClientAccess)
class ClientAccessAdmin(OmsAdmin):
    """What an API client's key is bound to; a client that is not here sees everything."""

    list_display = ("client", "sees_all_stock_points", "sees_all_channels")
    list_select_related = ("client",)
    autocomplete_fields = ("client", "stock_points", "channels")
