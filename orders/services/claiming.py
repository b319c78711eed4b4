"""Of several stock points that are offered one work, the first to claim it gets it, and the goods with it."""

from __future__ import annotations

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.errors import ConcurrentChange
from oms.orchestration.queries.capacity import Place
from oms.orchestration.services.capacity import give_back_capacity, take_capacity
from orders.models import Allocation, Fulfilment
from orders.services.rollups import roll_up_order
from orders.services.standing_by import CLAIMED, end_offers_beside
from orders.services.timeline import note, tell
from orders.services.work import Work, as_it_was_read, lock_work
from orders.states import ALLOCATION_MOVES, FULFILMENT_MOVES, AllocationState, FulfilmentState
from stock.services.reserving import Want, move_reservations


def claim(offer: Fulfilment, lead: Work) -> None:
    """Move the goods of the work to the stock point that claims it, and the work with them; all or nothing.

    Both as read; `lead` still holds the goods. Stock, then the day's capacity, then the order, in one order of
    locks: of two who claim, the second finds the lead changed and reads again who was faster. Raises
    `InsufficientStock` or `NoCapacityLeft` where the claimant cannot serve it after all; then nothing has moved.
    """
    pieces = lead.in_state(AllocationState.OFFERED)
    reservations = _move_goods(offer, lead, pieces)
    place = _move_place(offer, lead)
    lock_work(lead)
    offer = _require_offered(offer)
    now = clock.now()
    for piece, reservation_id in zip(pieces, reservations, strict=True):
        ALLOCATION_MOVES.move(
            piece,
            AllocationState.ASSIGNED,
            fulfilment=offer,
            stock_point_id=offer.stock_point_id,
            reservation_id=reservation_id,
            changed_at=now,
        )
    FULFILMENT_MOVES.move(
        offer,
        FulfilmentState.ACCEPTED,
        accepted_by=current_actor(),
        accepted_at=now,
        capacity_on=place.on if place else None,
        capacity_hour=place.hour if place else None,
        changed_at=now,
    )
    FULFILMENT_MOVES.move(lead.fulfilment, FulfilmentState.CANCELLED, decline_reason=CLAIMED, changed_at=now)
    end_offers_beside([lead.fulfilment.pk], reason=CLAIMED)
    note(
        order_id=offer.order_id,
        event="fulfilment.claimed",
        fulfilment=offer.pk,
        stock_point=offer.stock_point.code,
        instead_of=lead.fulfilment.stock_point.code,
    )
    tell(offer, event="fulfilment.accepted", outcome="accepted")
    roll_up_order(order_id=offer.order_id)


def _require_offered(offer: Fulfilment) -> Fulfilment:
    (locked,) = Fulfilment.objects.locked([offer.pk])
    if locked.state != FulfilmentState.OFFERED:
        raise ConcurrentChange
    return locked


def _move_goods(offer: Fulfilment, lead: Work, pieces: list[Allocation]) -> list[int]:
    order = lead.fulfilment.order
    with as_it_was_read():
        return move_reservations(
            owner=f"order:{order.number}",
            channel_id=order.channel_id,
            release=[(piece.reservation_id or 0, piece.quantity) for piece in pieces],
            wants=[Want(piece.line.variant_id, offer.stock_point_id, piece.quantity) for piece in pieces],
        )


def _move_place(offer: Fulfilment, lead: Work) -> Place | None:
    """The place in the day: the planned point's is free again, the claimant's is taken, in the order of points."""
    planned = lead.fulfilment

    def give_back() -> None:
        if planned.capacity:
            give_back_capacity(uses=[planned.capacity])

    if planned.stock_point_id < offer.stock_point_id:
        give_back()
    taken = take_capacity(stock_point_ids=[offer.stock_point_id])
    if planned.stock_point_id > offer.stock_point_id:
        give_back()
    return taken.get(offer.stock_point_id)
