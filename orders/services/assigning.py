"""A person gives an order, or lines of it, to a stock point of their choice, and says why.

What the person knows may outweigh every rule, never the facts: the stock point must be open to the channel,
offer the mode, hold the goods and have capacity left, and all of that is asked again under the locks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language, gettext_noop

from oms.core.audit import record_audit
from oms.core.errors import ConcurrentChange, Invalid, StateConflict
from oms.core.events import emit
from oms.orchestration.baskets import BasketPlan
from oms.orchestration.errors import NoCapacityLeft
from oms.orchestration.queries.capacity import Place
from oms.orchestration.reading import READERS
from oms.orchestration.services.capacity import give_back_capacity, take_capacity
from oms.orchestration.services.planning import plan_by_hand
from oms.sourcing.explaining import explain
from orders.errors import CannotAssign, UnknownStockPoint
from orders.models import Allocation, Order
from orders.services.demands import baskets_of, placement_of
from orders.services.fulfilling import Work, create_fulfilments
from orders.services.moving import apply_slices, move_stock
from orders.services.placements import Demand, Placement, joined
from orders.services.recalling import take_back_works
from orders.services.rollups import roll_up_order
from orders.services.sourcing import Decision, tell_decision
from orders.services.standing import SOURCED, Standing, demands_of_order, lock_standing, read_standing
from orders.services.timeline import note
from orders.states import Mode
from stock.errors import InsufficientStock
from stock.models import StockPoint

TRIGGER = "by_hand"
TRIES = 5


def assign_by_hand(*, order_id: int, stock_point: str, reason: str, line_ids: Collection[int] = ()) -> Order:
    """Give what nobody has begun (of these lines; of all, when empty) to the stock point of this code.

    Work others have on it is taken back first, so no unit is ever in two works. That it declined before does
    not matter: somebody has spoken to it. Raises `Invalid` without a reason, `UnknownStockPoint`, `StateConflict`
    where nothing can be given, `CannotAssign` with why it cannot serve; then nothing has changed.
    """
    if not reason.strip():
        raise Invalid(errors={"reason": [gettext_noop("Say why.")]})
    point = StockPoint.objects.filter(code=stock_point).first()
    if point is None:
        raise UnknownStockPoint(errors={"stock_point": [f"There is no stock point {stock_point}."]})
    refused: Exception = ConcurrentChange()
    for _ in range(TRIES):
        standing = read_standing(order_id, recalling=_works_with(line_ids))
        pieces = _assignable(standing, line_ids)
        placement = _placement(_demands(standing, pieces), point)
        try:
            return _apply(standing, pieces, placement, point, reason.strip())
        except (ConcurrentChange, InsufficientStock, NoCapacityLeft) as error:
            refused = error
    raise refused


def _works_with(line_ids: Collection[int]) -> Q:
    if not line_ids:
        return Q()
    return Q(pk__in=Allocation.objects.filter(line_id__in=line_ids, fulfilment__isnull=False).values("fulfilment_id"))


def _assignable(standing: Standing, line_ids: Collection[int]) -> list[Allocation]:
    wanted = [
        piece
        for piece in standing.open
        if (not line_ids or piece.line_id in line_ids) and standing.lines[piece.line_id].mode != Mode.CARRY_OUT
    ]
    if standing.order.state not in SOURCED or standing.is_held or not wanted:
        raise StateConflict(
            gettext_noop("Nothing of this order can be given to a stock point."),
            data={"state": standing.order.state, "on_hold": standing.is_held},
        )
    return wanted


def _demands(standing: Standing, pieces: Sequence[Allocation]) -> list[Demand]:
    """Of each part by the day it was told for. A place the order already has at a point today is its own to keep."""
    own = Counter(work.stock_point_id for work in standing.works if work.capacity)
    chosen = replace(standing, open=tuple(pieces))
    return [replace(part, excluded=(), own_capacity=own, kept=()) for part in demands_of_order(chosen)]


def _placement(demands: Sequence[Demand], point: StockPoint) -> Placement:
    """All of it at that stock point, one parcel for each way of receiving the goods and each day it was told for."""
    placements: list[Placement] = []
    for demand in demands:
        baskets = baskets_of(demand.after([plan for each in placements for plan in each.plans]))
        plans = plan_by_hand(baskets=baskets, stock_point=point.code, trigger=TRIGGER)
        for plan in plans:
            if plan.unplanned:
                raise _refusal(plan, point)
        placements.append(placement_of(demand, list(zip(baskets, plans, strict=True))))
    return joined(placements)


def _refusal(plan: BasketPlan, point: StockPoint) -> CannotAssign:
    result = plan.run.result if plan.run else None
    told = next((each for each in result.candidates if each.stock_point == point.code), None) if result else None
    if result is None or told is None:
        sentence = f"{point.code} does not feed the order's sales channel."
        return CannotAssign(sentence, data={"stock_point": point.code, "reason": "not_in_channel"})
    language = "fr" if (get_language() or "").startswith("fr") else "en"
    return CannotAssign(
        explain(result, told, language, READERS), data={"stock_point": point.code, "reason": told.reason}
    )


@transaction.atomic
def _apply(
    standing: Standing, pieces: Sequence[Allocation], placement: Placement, point: StockPoint, reason: str
) -> Order:
    """Stock, capacity, then the order: in this order of locks."""
    chosen = {piece.pk for piece in pieces}
    moved = move_stock(replace(standing, open=tuple(pieces)), placement)
    parcels = [(plan, place) for plan, decided in enumerate(placement.plans) for place in range(len(decided.parcels))]
    capacity = _exchange_places(standing, point.pk, len(parcels))
    order = lock_standing(standing).order
    take_back_works(standing, TRIGGER)
    rows = apply_slices(moved)
    works = [
        Work(
            order=order,
            parcel=placement.plans[plan].parcels[place],
            mode=placement.modes[plan],
            pickup_point_id=placement.pickup_points[plan],
            acceptance_minutes=None,
            place=capacity.get(point.pk),
            allocations=rows[plan, place],
        )
        for plan, place in parcels
    ]
    create_fulfilments(works=works)
    Order.objects.filter(pk=order.pk).update(hops=0)
    tell_decision(order, Decision(placement, is_kept=False), TRIGGER)
    said = {"stock_point": point.code, "reason": reason}
    note(order_id=order.pk, event="order.assigned_by_hand", **said)
    record_audit("order.assigned_by_hand", subject=f"order:{order.number}", changes=said)
    if any(piece.pk not in chosen for piece in standing.open):
        # What waits besides, or lay in the works that were taken back, wants a place, too.
        emit("order.sourcing_requested", order_id=order.pk)
    roll_up_order(order_id=order.pk)
    return order


def _exchange_places(standing: Standing, stock_point_id: int, count: int) -> dict[int, Place]:
    """The places of the works taken back are free again, the chosen point's are taken, in the order of points."""
    uses = [work.capacity for work in standing.works if work.capacity]
    give_back_capacity(uses=[use for use in uses if use[0] <= stock_point_id])
    taken = take_capacity(stock_point_ids=[stock_point_id] * count)
    give_back_capacity(uses=[use for use in uses if use[0] > stock_point_id])
    return taken
