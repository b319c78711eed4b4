"""Units of orders that wait for expected receipts: promised of them, taken on when they come, planned anew when
less comes than was promised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from oms.core import clock
from oms.core.errors import ConcurrentChange, StateConflict
from oms.core.retrying import retry_on_conflict
from orders.models import Allocation, Order
from orders.services.repromising_awaited import repromise_awaited
from orders.services.slices import cut
from orders.services.sourcing import source_order
from orders.services.timeline import note
from orders.states import AllocationState
from stock.models import ExpectedReceipt
from stock.services.awaiting import reserve_expected
from stock.services.reserving import move_reservations, release_reservations

RECEIVED = "received"
SHRUNK = "receipt_shrunk"


def promise_expected(*, order: Order) -> int:
    """Promise the back-ordered units of a new order of what is to come, earliest first; how many found nothing.

    As part of writing the order: a slice is cut where it takes several receipts.
    """
    waiting = Allocation.objects.filter(
        line__order=order, state=AllocationState.BACKORDERED, reservation=None
    ).select_related("line")
    pieces = list(waiting.order_by("line__position", "pk"))
    promised = reserve_expected(
        owner=f"order:{order.number}",
        channel_id=order.channel_id,
        wants=[(piece.line.variant_id, piece.quantity) for piece in pieces],
    )
    unpromised = 0
    new: list[Allocation] = []
    for piece, parts in zip(pieces, promised, strict=True):
        rest = piece.quantity - sum(part.quantity for part in parts)
        unpromised += rest
        if not parts:
            continue
        first, *others = parts
        piece.quantity, piece.reservation_id = first.quantity, first.reservation_id
        new += [_like(piece, part.quantity, part.reservation_id) for part in others]
        if rest:
            new.append(_like(piece, rest, None))
    Allocation.objects.bulk_update(pieces, ["quantity", "reservation"])
    Allocation.objects.bulk_create(new)
    return unpromised


def _like(piece: Allocation, quantity: int, reservation_id: int | None) -> Allocation:
    return Allocation(
        line_id=piece.line_id,
        reservation_id=reservation_id,
        quantity=quantity,
        state=piece.state,
        reason=piece.reason,
        promised_on=piece.promised_on,
        expected_on=piece.expected_on,
        changed_at=clock.now(),
    )


def take_received(*, reservation_ids: Sequence[int], rests: Mapping[str, int]) -> int:
    """Their units are on the shelf: the orders they were promised to go on, oldest first; how many.

    `rests`: of a reservation that has come in part only, the one that waits for the rest.
    """
    for reservation_id, rest_id in rests.items():
        _cut_for_rest(int(reservation_id), rest_id)
    waiting = Allocation.objects.filter(reservation_id__in=reservation_ids, state=AllocationState.BACKORDERED)
    order_ids = sorted(set(waiting.values_list("line__order_id", flat=True)))
    for order_id in order_ids:
        source_order(order_id=order_id, trigger=RECEIVED)
    repromise_awaited(order_ids=order_ids)
    return len(order_ids)


@retry_on_conflict
@transaction.atomic
def _cut_for_rest(reservation_id: int, rest_id: int) -> None:
    """The slice keeps what has come; what has not becomes a slice of its own. Twice is harmless."""
    if Allocation.objects.filter(reservation_id=rest_id).exists():
        return
    read = Allocation.objects.filter(reservation_id=reservation_id).select_related("line", "reservation").first()
    order_is_over = read is None or read.reservation is None or read.state != AllocationState.BACKORDERED
    if read is None or read.reservation is None or order_is_over:
        release_reservations(ids=[rest_id])
        return
    Order.objects.locked(read.line.order_id)
    piece = Allocation.objects.select_related("reservation").get(pk=read.pk)
    if piece.state != AllocationState.BACKORDERED or piece.reservation_id != reservation_id:
        raise ConcurrentChange
    rest = piece.quantity - read.reservation.quantity
    if rest > 0:
        cut(piece, rest, reservation_id=rest_id)


def replan_shrunk(*, receipt_id: int) -> int:
    """Less is to come than was promised of it: the newest promises look elsewhere, or wait; how many orders."""
    tried: list[int] = []
    while (shortfall := _shortfall(receipt_id)) > 0:
        newest = (
            Allocation.objects.filter(reservation__expected_receipt=receipt_id, state=AllocationState.BACKORDERED)
            .exclude(line__order_id__in=tried)
            .order_by("-line__order_id", "-pk")
            .select_related("line__order")
            .first()
        )
        if newest is None:
            break
        order = newest.line.order
        if not _give_back(order, receipt_id, shortfall):
            continue
        tried.append(order.pk)
        source_order(order_id=order.pk, trigger=SHRUNK)
    repromise_awaited(order_ids=tried)
    return len(tried)


def _shortfall(receipt_id: int) -> int:
    receipt = ExpectedReceipt.objects.get(pk=receipt_id)
    return receipt.reserved - receipt.outstanding


@retry_on_conflict
@transaction.atomic
def _give_back(order: Order, receipt_id: int, most: int) -> bool:
    """Give back up to `most` units the order was promised of the receipt; False when it has none any more."""
    held = Allocation.objects.filter(
        line__order=order, reservation__expected_receipt=receipt_id, state=AllocationState.BACKORDERED
    )
    read = list(held.order_by("-pk"))
    parts: list[tuple[Allocation, int]] = []
    for piece in read:
        units = min(piece.quantity, most - sum(taken for _, taken in parts))
        if units > 0:
            parts.append((piece, units))
    if not parts:
        return False
    release = [(piece.reservation_id, units) for piece, units in parts if piece.reservation_id is not None]
    try:
        move_reservations(owner=f"order:{order.number}", channel_id=order.channel_id, release=release, wants=[])
    except StateConflict as error:
        raise ConcurrentChange from error
    Order.objects.locked(order.pk)
    seen = {piece.pk: (piece.quantity, piece.reservation_id) for piece in held.filter(pk__in=[p.pk for p, _ in parts])}
    remaining = {piece.pk: (piece.quantity, piece.reservation_id) for piece, units in parts if units < piece.quantity}
    if any(seen.get(pk) != was for pk, was in remaining.items()):
        raise ConcurrentChange
    for piece, units in parts:
        if units < piece.quantity:
            cut(piece, units, reservation_id=None)
        elif not Allocation.objects.filter(
            pk=piece.pk, state=AllocationState.BACKORDERED, reservation=piece.reservation
        ).update(reservation=None):
            raise ConcurrentChange
    note(order_id=order.pk, event="order.promise_shrunk", units=sum(units for _, units in parts))
    return True


def note_rescheduled(*, receipt_id: int) -> int:
    """What orders were promised of a receipt comes on another day: it stands in their story, and they get a new day
    where theirs cannot be kept; how many orders."""
    receipt = ExpectedReceipt.objects.get(pk=receipt_id)
    waiting = Allocation.objects.filter(reservation__expected_receipt=receipt, state=AllocationState.BACKORDERED)
    order_ids = sorted(set(waiting.values_list("line__order_id", flat=True)))
    for order_id in order_ids:
        note(order_id=order_id, event="order.promise_rescheduled", expected_on=receipt.expected_on.isoformat())
    repromise_awaited(order_ids=order_ids)
    return len(order_ids)
