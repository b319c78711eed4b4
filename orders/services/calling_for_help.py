"""An order asks for a person while one of its parcels is in trouble."""

from __future__ import annotations

from orders.models import Order, Parcel
from orders.states import ParcelState

_IN_TROUBLE = (ParcelState.EXCEPTION, ParcelState.LOST, ParcelState.RETURNED_TO_SENDER)
_TROUBLE = "Parcel "


def call_for_help(parcel: Parcel, order: Order) -> None:
    """A person should look at an order as long as one of its parcels is in trouble, and no longer."""
    if parcel.state not in _IN_TROUBLE and not order.needs_attention.startswith(_TROUBLE):
        return
    troubled = Parcel.objects.filter(fulfilment__order=order, state__in=_IN_TROUBLE)
    first = troubled.order_by("pk").first()
    said = f"{_TROUBLE}{first.tracking_number}: {first.state}" if first else ""
    if said or order.needs_attention.startswith(_TROUBLE):
        Order.objects.filter(pk=order.pk).update(needs_attention=said)
