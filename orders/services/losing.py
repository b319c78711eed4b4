"""A parcel that will not arrive: carriers do not say so, a person who asked them does."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core.audit import record_audit
from oms.core.errors import NotFound
from oms.core.retrying import retry_on_conflict
from orders.models import Fulfilment, Order, Parcel
from orders.services.calling_for_help import call_for_help
from orders.services.parting import part_from_others
from orders.services.timeline import note
from orders.services.tracking import lock_tracking_number
from orders.states import PARCEL_MOVES, ParcelState


@retry_on_conflict
@transaction.atomic
def declare_lost(*, order_id: int, parcel_id: int) -> Parcel:
    """The customer is told on the tracking page, and the order asks for a person until it is settled.

    It may still turn up: then what the carrier tells counts. Other parcels sent to the store with it wait for it
    no longer. Said again, nothing changes. Raises `NotFound` for a parcel of another order and `StateConflict`
    for one that has not left or has arrived.
    """
    seen = Parcel.objects.filter(pk=parcel_id, fulfilment__order=order_id).first()
    if seen is None:
        raise NotFound(gettext_noop("There is no such parcel of this order."))
    lock_tracking_number(carrier=seen.carrier, tracking_number=seen.tracking_number or "")
    order = Order.objects.locked(order_id)
    (fulfilment,) = Fulfilment.objects.locked([seen.fulfilment_id])
    parcel = Parcel.objects.select_for_update(no_key=True).get(pk=parcel_id)
    if parcel.state == ParcelState.LOST:
        return parcel
    PARCEL_MOVES.move(parcel, ParcelState.LOST)
    note(order_id=order_id, event="parcel.lost", parcel=parcel.pk)
    record_audit("parcel.lost", subject=f"order:{order.number}", changes={"parcel": parcel.tracking_number})
    call_for_help(parcel, order)
    part_from_others(parcel, fulfilment)
    return parcel
