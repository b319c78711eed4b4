from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import path
from django.urls.resolvers import URLPattern

from oms.core.admin.base import OmsAdmin, ScopedAdmin
from stock.models import Banner, SalesChannel
from stock.queries.availability_files import availability_csv


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
    change_form_before_template = "admin/stock/channel_actions.html"

    def get_urls(self) -> list[URLPattern]:
        export = path(
            "<path:object_id>/availability/",
            self.admin_site.admin_view(self.availability),
            name="stock_saleschannel_availability",
        )
        return [export, *super().get_urls()]

    def availability(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """What the channel may promise of every article, as a file."""
        channel = self.get_object(request, object_id)
        if channel is None:
            raise Http404
        if not self.has_view_permission(request, channel):
            raise PermissionDenied
        response = StreamingHttpResponse(availability_csv(channel), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="availability-{channel.pk}.csv"'
        return response
