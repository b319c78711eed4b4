"""Taking work back that nobody has begun, so that its goods can be planned anew."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.audit import record_audit
from oms.core.errors import ConcurrentChange, StateConflict
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from oms.orchestration.services.capacity import give_back_capacity
from orders.models import Allocation, Order
from orders.services.rollups import roll_up_order
from orders.services.standing import RECALLABLE, SOURCED, Standing, lock_standing, read_standing
from orders.services.standing_by import WITHDRAWN, end_offers_beside
from orders.services.timeline import note
from orders.states import ALLOCATION_MOVES, FULFILMENT_MOVES, AllocationState, FulfilmentState


@retry_on_conflict
@transaction.atomic
def recall_works(*, order_id: int, which: Q | None = None, reason: str) -> Order:
    """Take back the works that meet `which` (all, by default); the order waits to be sourced again."""
    standing = read_standing(order_id, recalling=which or Q())
    give_back_places(standing)
    order = lock_standing(standing).order
    _take_back(standing, reason)
    roll_up_order(order_id=order_id)
    return order


@retry_on_conflict
@transaction.atomic
def reroute_order(*, order_id: int) -> Order:
    """Somebody asks for another decision: unbegun work is taken back and sourced again, hops counted anew."""
    standing = read_standing(order_id, recalling=Q())
    if standing.order.state not in SOURCED or standing.is_held or not standing.open:
        raise StateConflict(
            gettext_noop("Nothing of this order can be sourced again."),
            data={"state": standing.order.state, "on_hold": standing.is_held},
        )
    order = recall_works(order_id=order_id, reason="rerouted")
    # What it was told is the decision that somebody wants another one than.
    Order.objects.filter(pk=order_id).update(hops=0, is_plan_told=False)
    note(order_id=order_id, event="order.rerouted")
    record_audit("order.rerouted", subject=f"order:{order.number}")
    emit("order.sourcing_requested", order_id=order_id)
    return order


def give_back_places(standing: Standing) -> None:
    """The day's capacity that the works to be recalled took: given back before the order is locked."""
    uses = [work.capacity for work in standing.works if work.capacity]
    if uses:
        give_back_capacity(uses=uses)


def _take_back(standing: Standing, reason: str) -> None:
    """Slices are reserved as before the work was given out. Everything is locked."""
    now = clock.now()
    for work in standing.works:
        FULFILMENT_MOVES.move(work, FulfilmentState.CANCELLED, decline_reason=reason[:20], changed_at=now)
        note(order_id=work.order_id, event="fulfilment.recalled", fulfilment=work.pk, reason=reason)
    end_offers_beside([work.pk for work in standing.works], reason=WITHDRAWN)
    pieces = [piece for piece in standing.open if piece.fulfilment_id is not None]
    moved = ALLOCATION_MOVES.move_all(
        Allocation.objects.filter(pk__in=[piece.pk for piece in pieces]),
        frm=RECALLABLE,
        to=AllocationState.RESERVED,
        fulfilment=None,
        changed_at=now,
    )
    if moved != len(pieces):
        raise ConcurrentChange
    for piece in pieces:
        piece.state, piece.fulfilment_id = AllocationState.RESERVED, None


def take_back_works(standing: Standing, reason: str) -> None:
    """As part of a larger change; places are given back and everything is locked."""
    _take_back(standing, reason)


def works_at(stock_point_id: int) -> Q:
    return Q(stock_point_id=stock_point_id)
