"""What carriers tell: kept once, applied so that any order of arrival ends in the same state."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from oms.core import clock
from oms.core.columns import own_columns
from oms.core.events import emit
from oms.core.prepared import prepared
from oms.core.retrying import retry_on_conflict
from orders.carriers.protocol import TrackingKind, TrackingUpdate
from orders.models import Allocation, CarrierEvent, Fulfilment, Order, Parcel
from orders.services.calling_for_help import call_for_help
from orders.services.handing_over import send_parcels
from orders.services.parting import part_from_others
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
_ENDED = (ParcelState.DELIVERED, ParcelState.CANCELLED, ParcelState.RETURNED_TO_SENDER)


_LOCK_TRACKING_NUMBER = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 731003))"


def lock_tracking_number(*, carrier: str, tracking_number: str) -> None:
    """Until the transaction ends nobody else hears of this parcel or learns its number. Taken before any other lock."""
    prepared(_LOCK_TRACKING_NUMBER, [f"{carrier}:{tracking_number}"])


@retry_on_conflict
@transaction.atomic
def record_carrier_event(*, carrier: str, update: TrackingUpdate) -> bool:
    """Keep the message and bring its parcel to where all its messages say it is. False for a repeat.

    A message about a parcel nobody knows is kept too, and applied when its label turns up.
    """
    lock_tracking_number(carrier=carrier, tracking_number=update.tracking_number)
    parcel = _parcels().filter(carrier=carrier, tracking_number=update.tracking_number).first()
    if CarrierEvent.objects.filter(carrier=carrier, event_id=update.event_id).exists():
        return False
    event = CarrierEvent(
        carrier=carrier,
        event_id=update.event_id,
        parcel=parcel,
        tracking_number=update.tracking_number,
        kind=update.kind,
        occurred_at=update.occurred_at,
        received_at=clock.now(),
    )
    # Another parcel's message under this very id, kept in this very moment, is the carrier's mistake: it stays.
    CarrierEvent.objects.bulk_create([event], ignore_conflicts=True)
    if parcel is not None:
        _apply(parcel)
    else:
        emit("parcel.unknown", carrier=carrier, tracking_number=update.tracking_number)
    return True


@retry_on_conflict
@transaction.atomic
def apply_waiting_events(*, parcel_id: int) -> None:
    """What the carrier told of a parcel before its label was kept here."""
    carrier, tracking_number = Parcel.objects.values_list("carrier", "tracking_number").get(pk=parcel_id)
    if tracking_number is None:
        return
    lock_tracking_number(carrier=carrier, tracking_number=tracking_number)
    waiting = CarrierEvent.objects.filter(carrier=carrier, tracking_number=tracking_number, parcel__isnull=True)
    if waiting.update(parcel_id=parcel_id):
        _apply(_parcels().get(pk=parcel_id))


def _parcels() -> QuerySet[Parcel]:
    parcels = Parcel.objects.select_related("fulfilment__stock_point")
    return parcels.only(*own_columns(Parcel), "fulfilment__order_id", "fulfilment__stock_point__code")


def reached(events: list[tuple[datetime, str]]) -> TrackingKind | None:
    """Where a parcel is, given all messages about it as (occurred at, kind), in any order.

    Returned, then delivered, outweigh everything; that it was handed over says less than anything after it;
    else the latest message counts.
    """
    kinds = {TrackingKind(kind) for _, kind in events}
    for decisive in _DECISIVE:
        if decisive in kinds:
            return decisive
    underway = [(at, TrackingKind(kind)) for at, kind in events if kind != TrackingKind.HANDED_OVER]
    if underway:
        return max(underway, key=lambda event: (event[0], _RANK[event[1]]))[1]
    return TrackingKind.HANDED_OVER if kinds else None


def _apply(parcel: Parcel) -> None:
    """Everything written here follows from the set of messages, never from the order in which they came."""
    if parcel.state == ParcelState.LABELLED:
        # The carrier has it, so it left, whether or not somebody at the stock point said so.
        send_parcels(read_work(parcel.fulfilment_id), [parcel])
    order = Order.objects.only("number", "state", "needs_attention").locked(parcel.fulfilment.order_id)
    stock_point = parcel.fulfilment.stock_point
    fulfilment = Fulfilment.objects.locked([parcel.fulfilment_id])[0]
    fulfilment.order, fulfilment.stock_point = order, stock_point
    parcel = Parcel.objects.select_for_update(no_key=True).get(pk=parcel.pk)
    if parcel.state == ParcelState.CANCELLED:
        return
    told = list(parcel.events.values_list("occurred_at", "kind"))
    _move(parcel, order, reached(_not_refuted(told, parcel.received_at)))
    delivered = [at for at, kind in told if kind == TrackingKind.DELIVERED]
    if delivered:
        _deliver(parcel, fulfilment, at=min(delivered))
    if parcel.state == ParcelState.RETURNED_TO_SENDER:
        part_from_others(parcel, fulfilment)
    _complete(fulfilment)
    roll_up_order(order_id=order.pk)


def _not_refuted(told: list[tuple[datetime, str]], received_at: datetime | None) -> list[tuple[datetime, str]]:
    """A store that scanned a parcel has it: that it was coming back, told of a moment before, was a mistake."""
    if received_at is None:
        return told
    refuted = TrackingKind.RETURNED_TO_SENDER
    return [(at, kind) for at, kind in told if kind != refuted or at > received_at]


def _move(parcel: Parcel, order: Order, kind: TrackingKind | None) -> None:
    if kind is None or _STATE[kind] == parcel.state or not PARCEL_MOVES.allows(parcel.state, _STATE[kind]):
        return
    PARCEL_MOVES.move(parcel, _STATE[kind])
    note(order_id=order.pk, event=f"parcel.{parcel.state}", parcel=parcel.pk)
    call_for_help(parcel, order)


def _deliver(parcel: Parcel, fulfilment: Fulfilment, *, at: datetime) -> None:
    """It reached its address, even where it came back later. A store receives by scan what is on its way to it."""
    is_news = parcel.delivered_at is None
    if parcel.delivered_at is None or at < parcel.delivered_at:
        Parcel.objects.filter(pk=parcel.pk).update(delivered_at=at)
    if fulfilment.mode == Mode.SHIP_TO_STORE or not is_news:
        return
    ALLOCATION_MOVES.move_all(
        Allocation.objects.filter(parcel_lines__parcel=parcel),
        frm=AllocationState.SHIPPED,
        to=AllocationState.DELIVERED,
        changed_at=clock.now(),
    )
    tell(
        fulfilment,
        event="fulfilment.delivered",
        outcome="delivered",
        began_at=parcel.handed_over_at,
        at=at,
        parcel=parcel.pk,
    )
    emit("parcel.delivered", order_id=fulfilment.order_id, parcel_id=parcel.pk)


def _complete(fulfilment: Fulfilment) -> None:
    """The work is over once every parcel of it has arrived somewhere for good (goods for a store: once collected)."""
    if fulfilment.state != FulfilmentState.HANDED_OVER or fulfilment.mode == Mode.SHIP_TO_STORE:
        return
    if not fulfilment.parcels.exclude(state__in=_ENDED).exists():
        FULFILMENT_MOVES.move(fulfilment, FulfilmentState.COMPLETED, changed_at=clock.now())
