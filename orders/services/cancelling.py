"""Cancelling an order, or units of a line: its stock is free before this answers, its money soon after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.audit import record_audit
from oms.core.errors import ConcurrentChange, Invalid, NotFound, StateConflict
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from oms.orchestration.services.capacity import give_back_capacity
from orders.models import Allocation, Fulfilment, Order, OrderLine, Parcel
from orders.services.paying import end_unasked_payments, sync_cancelled_quantities
from orders.services.rollups import roll_up_order
from orders.services.slices import cut
from orders.services.standing_by import WITHDRAWN, end_offers_beside
from orders.services.timeline import note, tell
from orders.states import (
    ALLOCATION_MOVES,
    FULFILMENT_MOVES,
    ORDER_MOVES,
    PARCEL_MOVES,
    AllocationState,
    FulfilmentState,
    OrderState,
    ParcelState,
)
from stock.services.reserving import move_reservations
from stock.states import ReservationState

_A = AllocationState
_CANCELLED = OrderState.CANCELLED
# The least advanced slices are given up first.
_BY_ADVANCE = (_A.BACKORDERED, _A.UNFILLABLE, _A.RESERVED, _A.OFFERED, _A.ASSIGNED)
_NOT_BEGUN = (FulfilmentState.OFFERED, FulfilmentState.ACCEPTED)
# A stock point's work that is not done: its goods are on the shelf still, or in a trolley.
_NOT_DONE = (*_NOT_BEGUN, FulfilmentState.PICKING)

Part = tuple[Allocation, int]
"""A slice and how many of its units are given up."""


@dataclass(frozen=True)
class _Read:
    order: Order
    slices: tuple[Allocation, ...]

    def signature(self) -> tuple[object, ...]:
        rows = ((each.pk, each.state, each.quantity, each.reservation_id, each.fulfilment_id) for each in self.slices)
        return (self.order.state, *rows)


@retry_on_conflict
@transaction.atomic
def cancel_order(*, order_id: int, reason: str = "", only_in: OrderState | None = None) -> Order:
    """Cancel everything. Raises `StateConflict` with the order's state once anything has left.

    `only_in`: and where it is in another state by now.
    """
    read = _read(Order.objects.get(pk=order_id))
    if only_in is not None and read.order.state != only_in:
        raise StateConflict(f"This order is {read.order.state}.", data={"state": read.order.state})
    live = [piece for piece in read.slices if piece.state != _A.CANCELLED]
    stuck = [piece for piece in live if not ALLOCATION_MOVES.allows(piece.state, _A.CANCELLED) or _has_left(piece)]
    if stuck or not ORDER_MOVES.allows(read.order.state, OrderState.CANCELLED):
        raise StateConflict(f"This order is {read.order.state}.", data={"state": read.order.state})
    _give_up(read, [(piece, piece.quantity) for piece in live], reason=reason or "cancelled")
    # What a person wrote may be about a person: audit rows cannot be erased.
    record_audit("order.cancelled", subject=f"order:{read.order.number}", changes={"has_reason": bool(reason)})
    return Order.objects.get(pk=order_id)


@retry_on_conflict
@transaction.atomic
def cancel_line(*, order_id: int, line_id: int, quantity: int | None = None, reason: str = "") -> Order:
    """Cancel `quantity` units of a line (by default all that have not left) that nobody has begun to prepare.

    Raises `StateConflict` with the order's state when fewer units than that can still be cancelled.
    """
    line = OrderLine.objects.filter(pk=line_id, order_id=order_id).first()
    if line is None:
        raise NotFound(gettext_noop("There is no such line."))
    read = _read(Order.objects.get(pk=order_id))
    of_line = [piece for piece in read.slices if piece.line_id == line_id and piece.state != _A.CANCELLED]
    left = sum(piece.quantity for piece in of_line)
    if quantity is not None and quantity > left:
        raise Invalid(errors={"quantity": [f"{left} units are left of this line."]})
    wanted = quantity or sum(piece.quantity for piece in of_line if piece.state not in AllocationState.done())
    parts = _least_advanced(of_line, wanted)
    if not parts or sum(units for _, units in parts) < wanted:
        raise StateConflict(gettext_noop("These units are being prepared, or gone."), data={"state": read.order.state})
    cancel_parts(read=read, parts=parts, reason=reason or "cancelled")
    record_audit(
        "order_line.cancelled",
        subject=f"order:{read.order.number}",
        changes={"line": line.position, "quantity": wanted},
    )
    return Order.objects.get(pk=order_id)


@retry_on_conflict
@transaction.atomic
def give_up_slices(*, order_id: int, slice_ids: Sequence[int], reason: str) -> None:
    """Cancel slices that have waited long enough, where they still wait."""
    read = _read(Order.objects.get(pk=order_id))
    parts = [
        (piece, piece.quantity)
        for piece in read.slices
        if piece.pk in slice_ids and piece.state in (_A.UNFILLABLE, _A.BACKORDERED)
    ]
    if parts:
        cancel_parts(read=read, parts=parts, reason=reason)


@retry_on_conflict
@transaction.atomic
def give_up_work(*, fulfilment_id: int, reason: str) -> bool:
    """Cancel all that a stock point was asked for, begun or not; False when it is done, or ended, meanwhile."""
    work = Fulfilment.objects.select_related("order").get(pk=fulfilment_id)
    read = _read(work.order)
    parts = [
        (piece, piece.quantity)
        for piece in read.slices
        if piece.fulfilment is not None
        and piece.fulfilment.pk == fulfilment_id
        and piece.fulfilment.state in _NOT_DONE
        and piece.state in (_A.OFFERED, _A.ASSIGNED, _A.PICKING, _A.PICKED)
    ]
    if parts:
        cancel_parts(read=read, parts=parts, reason=reason)
        tell(work, event="pickup.put_back", reason=reason, units=sum(units for _, units in parts))
        record_audit("pickup.put_back", subject=f"order:{read.order.number}", changes={"reason": reason})
    return bool(parts)


def cancel_parts(*, read: _Read, parts: Sequence[Part], reason: str) -> None:
    _give_up(read, parts, reason=reason)
    if Order.objects.get(pk=read.order.pk).state != OrderState.CANCELLED:
        note(order_id=read.order.pk, event="order_line.cancelled", units=sum(units for _, units in parts))
        emit("order_line.cancelled", order_id=read.order.pk)


def _read(order: Order) -> _Read:
    slices = Allocation.objects.counted().filter(line__order=order).select_related("fulfilment", "reservation")
    return _Read(order, tuple(slices.order_by("pk")))


def _has_left(piece: Allocation) -> bool:
    """Goods that travelled to the store they wait in are spent: they come back as a return, not by cancelling."""
    return piece.reservation is not None and piece.reservation.state == ReservationState.CONSUMED


def _least_advanced(slices: Sequence[Allocation], quantity: int) -> list[Part]:
    free = [
        piece
        for piece in slices
        if piece.state in _BY_ADVANCE and (piece.fulfilment is None or piece.fulfilment.state in _NOT_BEGUN)
    ]
    parts = []
    for piece in sorted(free, key=lambda piece: (_BY_ADVANCE.index(_A(piece.state)), -piece.pk)):
        units = min(piece.quantity, quantity)
        if units:
            parts.append((piece, units))
            quantity -= units
    return parts


def _give_up(read: _Read, parts: Sequence[Part], *, reason: str) -> None:
    """Stock, capacity, then the order: in this order of locks."""
    order = read.order
    _release(order, parts)
    emptied = _emptied_works(read, parts)
    uses = [work.capacity for work in emptied if work.capacity]
    if uses:
        give_back_capacity(uses=uses)
    locked = Order.objects.locked(order.pk)
    works = Fulfilment.objects.locked([work.pk for work in emptied]) if emptied else []
    if _read(locked).signature() != read.signature():
        raise ConcurrentChange
    now = clock.now()
    for piece, units in parts:
        part = piece if units == piece.quantity else cut(piece, units, reservation_id=None)
        ALLOCATION_MOVES.move(part, _A.CANCELLED, reason=reason[:40], changed_at=now)
    for work in works:
        _cancel_work(work)
    sync_cancelled_quantities(order.pk)
    roll_up_order(order_id=order.pk)
    if order.state == OrderState.PENDING_PAYMENT and Order.objects.filter(pk=order.pk, state=_CANCELLED).exists():
        end_unasked_payments(order.pk)


def _release(order: Order, parts: Sequence[Part]) -> None:
    release = [(piece.reservation_id, units) for piece, units in parts if piece.reservation_id is not None]
    if not release:
        return
    try:
        move_reservations(owner=f"order:{order.number}", channel_id=order.channel_id, release=release, wants=[])
    except StateConflict as error:
        # Spent or given up since it was read: reading again tells what this order is now.
        raise ConcurrentChange from error


def _emptied_works(read: _Read, parts: Sequence[Part]) -> list[Fulfilment]:
    """Fulfilments that will have nothing left to do."""
    left: dict[int, int] = {}
    works: dict[int, Fulfilment] = {}
    for piece in read.slices:
        if piece.fulfilment is not None and piece.state != _A.CANCELLED:
            works[piece.fulfilment.pk] = piece.fulfilment
            left[piece.fulfilment.pk] = left.get(piece.fulfilment.pk, 0) + piece.quantity
    for piece, units in parts:
        if piece.fulfilment_id is not None:
            left[piece.fulfilment_id] -= units
    return [works[pk] for pk in sorted(left) if not left[pk]]


def _cancel_work(work: Fulfilment) -> None:
    """The stock point stops; labels of parcels that stay are void. The work is locked."""
    FULFILMENT_MOVES.move(work, FulfilmentState.CANCELLED, changed_at=clock.now())
    waiting = [ParcelState.LABEL_PENDING, ParcelState.LABELLED]
    end_offers_beside([work.pk], reason=WITHDRAWN)
    PARCEL_MOVES.move_all(Parcel.objects.filter(fulfilment=work), frm=waiting, to=ParcelState.CANCELLED)
    note(order_id=work.order_id, event="fulfilment.cancelled", fulfilment=work.pk)
