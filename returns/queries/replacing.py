"""Which return an order makes good."""

from __future__ import annotations

from orders.models import Order, Payment
from returns.gateways import EXCHANGE
from returns.models import CreditEntry, Return


def return_replaced_by(order: Order) -> Return | None:
    """What came back and pays for this order, with its own order; also while the exchange is being concluded."""
    paid = Payment.objects.filter(order=order, gateway=EXCHANGE).exclude(gateway_reference="").first()
    if paid is None:
        return None
    entries = CreditEntry.objects.select_related("returned__order")
    return entries.get(pk=int(paid.gateway_reference.removeprefix("CR"))).returned
