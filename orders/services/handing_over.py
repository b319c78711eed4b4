"""Goods leave the stock point with a carrier: stock is spent here, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.events import emit_many
from oms.core.retrying import retry_on_conflict
from orders.errors import LabelPending
from orders.models import Allocation, Fulfilment, Parcel, ParcelLine
from orders.services.rollups import roll_up_order
from orders.services.timeline import tell
from orders.services.work import Work, as_it_was_read, lock_work, read_work_at, require_not_on_hold, require_state
from orders.states import (
    ALLOCATION_MOVES,
    FULFILMENT_MOVES,
    PARCEL_MOVES,
    AllocationState,
    FulfilmentState,
    Mode,
    ParcelState,
)
from stock.services.locking import lock_levels_of_reservations
from stock.services.reserving import consume_reservations

# What travelled to a store and was received there has left, too.
_LEFT = (FulfilmentState.HANDED_OVER, FulfilmentState.READY_FOR_PICKUP, FulfilmentState.COMPLETED)


@retry_on_conflict
@transaction.atomic
def hand_over_fulfilment(*, fulfilment_id: int, access: Access = EVERYTHING) -> Fulfilment:
    """Every parcel of the work leaves. `LabelPending` while one has no label yet."""
    work = read_work_at(fulfilment_id, access=access)
    if work.fulfilment.state in _LEFT and work.fulfilment.parcels.filter(handed_over_at__isnull=False).exists():
        return work.fulfilment
    require_not_on_hold(work)
    require_state(work, FulfilmentState.PACKED)
    parcels = list(work.fulfilment.parcels.exclude(state=ParcelState.CANCELLED))
    if any(parcel.state == ParcelState.LABEL_PENDING for parcel in parcels):
        raise LabelPending
    send_parcels(work, [parcel for parcel in parcels if parcel.state == ParcelState.LABELLED])
    return work.fulfilment


def send_parcels(work: Work, parcels: Sequence[Parcel]) -> Work:
    """These labelled parcels leave: stock spent, slices shipped, money asked for. The work is read, not locked."""
    lines = list(ParcelLine.objects.filter(parcel__in=parcels).select_related("allocation").order_by("parcel_id", "pk"))
    _spend(lines)
    locked = lock_work(work)
    now = clock.now()
    for parcel in parcels:
        PARCEL_MOVES.move(parcel, ParcelState.HANDED_OVER, handed_over_at=now)
    fulfilment = locked.fulfilment
    to_store = fulfilment.mode == Mode.SHIP_TO_STORE
    ALLOCATION_MOVES.move_all(
        Allocation.objects.filter(pk__in=[line.allocation_id for line in lines]),
        frm=AllocationState.PACKED,
        to=AllocationState.IN_TRANSFER if to_store else AllocationState.SHIPPED,
        changed_at=now,
    )
    waiting = fulfilment.parcels.filter(state__in=[ParcelState.LABEL_PENDING, ParcelState.LABELLED]).exists()
    if not waiting:
        FULFILMENT_MOVES.move(fulfilment, FulfilmentState.HANDED_OVER, changed_at=now)
    work.fulfilment.state = fulfilment.state
    _tell(fulfilment, parcels)
    return locked


def _spend(lines: Sequence[ParcelLine]) -> None:
    """One shipment per parcel; the levels of all of them are locked at once, in one order."""
    by_parcel: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for line in lines:
        if line.allocation.reservation_id is not None:
            by_parcel[line.parcel_id].append((line.allocation.reservation_id, line.quantity))
    if len(by_parcel) > 1:
        lock_levels_of_reservations([reservation for items in by_parcel.values() for reservation, _ in items])
    for parcel_id, items in by_parcel.items():
        with as_it_was_read():
            consume_reservations(items=items, kind="shipment", reference=f"parcel:{parcel_id}")


def _tell(fulfilment: Fulfilment, parcels: Sequence[Parcel]) -> None:
    tell(
        fulfilment,
        event="fulfilment.handed_over",
        outcome="shipped",
        tracking_numbers=[parcel.tracking_number for parcel in parcels],
    )
    roll_up_order(order_id=fulfilment.order_id)
    emit_many(
        "parcel.handed_over",
        [
            {"order_id": fulfilment.order_id, "fulfilment_id": fulfilment.pk, "parcel_id": parcel.pk}
            for parcel in parcels
        ],
    )
