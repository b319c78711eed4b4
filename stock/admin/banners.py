from django.contrib import admin

from oms.core.admin.base import OmsAdmin, ScopedAdmin
from stock.models import Banner, SalesChannel


@admin.register(Banner)
class BannerAdmin(OmsAdmin):
    """The retailer's trading names."""

    list_display = ("code", "name", "currency", "languages")
    search_fields = ("code", "name")
    ordering = ("code",)


@admin.register(SalesChannel)
class SalesChannelAdmin(ScopedAdmin):
    """Where orders come from, and which stock points feed them."""

    list_display = (
        "code",
        "name",
        "kind",
        "banner",
        "currency",
        "serves_all_stock_points",
        "allows_backorders",
        "allows_preorders",
    )
    list_select_related = ("banner",)
    list_filter = ("kind",)
    search_fields = ("code", "name")
    autocomplete_fields = ("banner", "stock_points")
    ordering = ("code",)
