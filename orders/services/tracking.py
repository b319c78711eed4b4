"""What carriers tell: kept once, applied so that any order of arrival ends in the same state."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from oms.core import clock
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from orders.carriers.protocol import TrackingKind, TrackingUpdate
from orders.models import Allocation, CarrierEvent, Fulfilment, Order, Parcel
from orders.services.handing_over import send_parcels
from orders.services.rollups import roll_up_order
from orders.services.timeline import note, tell
from orders.services.work import read_work
from orders.states import (
    ALLOCATION_MOVES,
    FULFILMENT_MOVES,
    PARCEL_MOVES,
    AllocationState,
    FulfilmentState,
    Mode,
    ParcelState,
)

_STATE = {
    TrackingKind.HANDED_OVER: ParcelState.HANDED_OVER,
    TrackingKind.IN_TRANSIT: ParcelState.IN_TRANSIT,
    TrackingKind.OUT_FOR_DELIVERY: ParcelState.IN_TRANSIT,
    TrackingKind.EXCEPTION: ParcelState.EXCEPTION,
    TrackingKind.DELIVERED: ParcelState.DELIVERED,
    TrackingKind.RETURNED_TO_SENDER: ParcelState.RETURNED_TO_SENDER,
}
# Two messages of one second are read in this order.
_RANK = {kind: rank for rank, kind in enumerate(_STATE)}
_DECISIVE = (TrackingKind.RETURNED_TO_SENDER, TrackingKind.DELIVERED)


@retry_on_conflict
@transaction.atomic
def record_carrier_event(*, carrier: str, update: TrackingUpdate) -> bool:
    """Keep the message and bring its parcel to where all its messages say it is. False for a repeat.

    A message about a parcel nobody knows is kept too, and applied when its label turns up.
    """
    parcel = Parcel.objects.filter(carrier=carrier, tracking_number=update.tracking_number).first()
    created = CarrierEvent.objects.bulk_create(
        [
            CarrierEvent(
                carrier=carrier,
                event_id=update.event_id,
                parcel=parcel,
                tracking_number=update.tracking_number,
                kind=update.kind,
                occurred_at=update.occurred_at,
                received_at=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )
    if not CarrierEvent.objects.filter(
        carrier=carrier, event_id=update.event_id, received_at=created[0].received_at
    ).exists():
        return False
    if parcel is not None:
        _apply(parcel)
    return True


def reached(events: list[tuple[datetime, str]]) -> TrackingKind | None:
    """Where a parcel is, given all messages about it as (occurred at, kind), in any order.

    Returned, then delivered, outweigh everything; else the latest message counts.
    """
    kinds = {TrackingKind(kind) for _, kind in events}
    for decisive in _DECISIVE:
        if decisive in kinds:
            return decisive
    if not events:
        return None
    _, kind = max(events, key=lambda event: (event[0], _RANK[TrackingKind(event[1])]))
    return TrackingKind(kind)


def _apply(parcel: Parcel) -> None:
    if parcel.state == ParcelState.LABELLED:
        # The carrier has it, so it left, whether or not somebody at the stock point said so.
        send_parcels(read_work(parcel.fulfilment_id), [parcel])
    order_id = Order.objects.select_for_update(no_key=True).get(fulfilments__parcels=parcel).pk
    parcel = Parcel.objects.select_related("fulfilment").select_for_update(of=("self",), no_key=True).get(pk=parcel.pk)
    kind = reached(list(parcel.events.values_list("occurred_at", "kind")))
    if kind is None or _STATE[kind] == parcel.state or not PARCEL_MOVES.allows(parcel.state, _STATE[kind]):
        return
    now = clock.now()
    changes = {"delivered_at": now} if kind == TrackingKind.DELIVERED else {}
    PARCEL_MOVES.move(parcel, _STATE[kind], **changes)
    note(order_id=order_id, event=f"parcel.{_STATE[kind].value}", parcel=parcel.pk)
    if kind == TrackingKind.DELIVERED:
        _deliver(parcel)
    elif kind in (TrackingKind.EXCEPTION, TrackingKind.RETURNED_TO_SENDER):
        Order.objects.filter(pk=order_id).update(
            needs_attention=f"Parcel {parcel.tracking_number}: {_STATE[kind].value}"
        )
    roll_up_order(order_id=order_id)


def _deliver(parcel: Parcel) -> None:
    fulfilment = Fulfilment.objects.locked([parcel.fulfilment_id])[0]
    if fulfilment.mode == Mode.SHIP_TO_STORE:
        return  # the store receives it by scan; until then it is on its way
    now = clock.now()
    ALLOCATION_MOVES.move_all(
        Allocation.objects.filter(parcel_lines__parcel=parcel),
        frm=AllocationState.SHIPPED,
        to=AllocationState.DELIVERED,
        changed_at=now,
    )
    open_parcels = fulfilment.parcels.exclude(
        state__in=[ParcelState.DELIVERED, ParcelState.CANCELLED, ParcelState.RETURNED_TO_SENDER]
    )
    if fulfilment.state == FulfilmentState.HANDED_OVER and not open_parcels.exists():
        FULFILMENT_MOVES.move(fulfilment, FulfilmentState.COMPLETED, changed_at=now)
    tell(fulfilment, event="fulfilment.delivered", outcome="delivered", parcel=parcel.pk)
    emit("parcel.delivered", order_id=fulfilment.order_id, parcel_id=parcel.pk)
