"""Payments and what was asked of the gateways, to be read."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from oms.core.admin.base import ReadOnlyMixin, ScopedAdmin
from oms.core.admin.filters import worded
from orders import wording
from orders.models import Payment


@admin.register(Payment)
class PaymentAdmin(ReadOnlyMixin, ScopedAdmin):
    """Tenders of orders; those "to be verified" are being reconciled."""

    list_display = (
        "id",
        "order",
        "asked_of",
        "paid_by",
        "amount",
        "captured",
        "refunded",
        "currency",
        "state",
        "created_at",
    )
    list_select_related = ("order",)
    list_filter = ("state", ("gateway", worded(wording.gateway)))
    search_fields = ("order__number__exact", "gateway_reference__exact")
    search_help_text = _("A whole order number or the gateway's reference.")
    fields = (
        "order",
        "asked_of",
        "paid_by",
        "amount",
        "captured",
        "refunded",
        "currency",
        "state",
        "gateway_reference",
        "operations",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        return super().get_queryset(request).select_related("order")

    def get_readonly_fields(self, request: HttpRequest, obj: Payment | None = None) -> tuple[str, ...]:
        return self.fields

    @admin.display(description=_("gateway"), ordering="gateway")
    def asked_of(self, payment: Payment) -> str:
        return wording.gateway(payment.gateway)

    @admin.display(description=_("method"), ordering="method")
    def paid_by(self, payment: Payment) -> str:
        return wording.payment_method(payment.method)

    @admin.display(description=_("asked of the gateway"))
    def operations(self, payment: Payment) -> SafeString:
        return render_to_string("admin/orders/operations.html", {"rows": payment.operations.order_by("pk")})
