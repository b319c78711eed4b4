"""Stock points' work and their parcels, to be read."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from oms.core.admin.actors import NamedActorsMixin
from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.core.admin.filters import worded
from orders import wording
from orders.models import Fulfilment, Parcel, ParcelLine


@admin.register(Fulfilment)
class FulfilmentAdmin(NamedActorsMixin, ReadOnlyMixin, ScopedAdmin):
    """One stock point's work on one order."""

    actors = ("accepted_by",)
    list_display = ("id", "order", "stock_point", "mode", "state", "promised_on", "due_at", "accept_by", "created_at")
    list_select_related = ("order", "stock_point")
    list_filter = ("state", "mode", ("stock_point", AutocompleteSelectFilter))
    list_filter_submit = True
    search_fields = ("order__number__exact", "id__exact")
    search_help_text = _("A whole order number.")
    fields = (
        "order",
        "stock_point",
        "pickup_point",
        "mode",
        "sent_by",
        "state",
        "promised_on",
        "ships_on",
        "due_at",
        "accept_by",
        "accepted_by_named",
        "accepted_at",
        "decline_reason",
        "slices",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fulfilment]:
        return super().get_queryset(request).select_related("order", "stock_point", "pickup_point")

    def get_readonly_fields(self, request: HttpRequest, obj: Fulfilment | None = None) -> tuple[str, ...]:
        return self.fields

    @admin.display(description=_("service"))
    def sent_by(self, work: Fulfilment) -> str:
        return wording.service(work.service)

    @admin.display(description=_("slices"))
    def slices(self, work: Fulfilment) -> SafeString:
        rows = work.allocations.select_related("line__variant__product", "stock_point", "fulfilment").order_by("pk")
        return render_to_string("admin/orders/slices.html", {"rows": rows})


@admin.register(Parcel)
class ParcelAdmin(ReadOnlyMixin, ScopedAdmin):
    """Boxes on their way."""

    list_display = (
        "id",
        "tracking_number",
        "state",
        "order",
        "stock_point",
        "carried_by",
        "weight_g",
        "handed_over_at",
        "delivered_at",
        "label_error",
    )
    list_select_related = ("fulfilment__order", "fulfilment__stock_point")
    list_filter = ("state", ("carrier", worded(wording.carrier)))
    search_fields = ("tracking_number__exact",)
    search_help_text = _("A whole tracking number.")
    fields = (
        "order",
        "stock_point",
        "tracking_number",
        "state",
        "carried_by",
        "sent_by",
        "weight_g",
        "label_error",
        "handed_over_at",
        "delivered_at",
        "contents",
        "messages",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Parcel]:
        return super().get_queryset(request).select_related("fulfilment__order", "fulfilment__stock_point")

    def get_readonly_fields(self, request: HttpRequest, obj: Parcel | None = None) -> tuple[str, ...]:
        return self.fields

    @admin.display(description=_("order"))
    def order(self, parcel: Parcel) -> str:
        return parcel.fulfilment.order.number

    @admin.display(description=_("stock point"))
    def stock_point(self, parcel: Parcel) -> str:
        return parcel.fulfilment.stock_point.name

    @admin.display(description=_("carrier"), ordering="carrier")
    def carried_by(self, parcel: Parcel) -> str:
        return wording.carrier(parcel.carrier)

    @admin.display(description=_("service"))
    def sent_by(self, parcel: Parcel) -> str:
        return wording.service(parcel.service)

    @admin.display(description=_("contents"))
    def contents(self, parcel: Parcel) -> SafeString:
        rows = ParcelLine.objects.filter(parcel=parcel).select_related("allocation__line__variant__product")
        return render_to_string("admin/orders/contents.html", {"rows": rows.order_by("pk")})

    @admin.display(description=_("carrier's messages"))
    def messages(self, parcel: Parcel) -> SafeString:
        return render_to_string("admin/orders/carrier_events.html", {"rows": parcel.events.order_by("occurred_at")})
