"""Sourcing many orders at once: with the same end as one after the other, at a fraction of the statements.

Facts are read once. The orders are then planned in turn, each seeing what those before it took of capacities.
As long as goods stay where they are reserved, no order takes stock from the next: all of them are written
together. An order that needs more than that (units move, wait or are carried out, allotments, too many hops) ends
the run of those written together, is sourced alone, and the rest goes on from a fresh reading.

Whatever others changed meanwhile is seen under the locks: such orders are left out and sourced alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from django.db import transaction

from oms.core.retrying import retry_on_conflict
from oms.orchestration.baskets import Basket, BasketPlan
from oms.orchestration.errors import NoCapacityLeft
from oms.orchestration.services.capacity import take_capacity
from oms.orchestration.services.planning import plan_in_turn
from orders.services.demands import baskets_of, placement_of
from orders.services.fulfilling import create_fulfilments
from orders.services.moving import Moved, ParcelKey, apply_slices, unmoved
from orders.services.placements import Demand, joined
from orders.services.rollups import roll_up_orders
from orders.services.sourcing import (
    Decision,
    is_beyond_hops,
    lies_as_placed,
    parcels_to_give_out,
    source_order,
    tell_decisions,
    works_of,
)
from orders.services.standing import Standing, demands_of_orders, lock_standings, read_standings
from orders.services.triggers import PLACED
from orders.states import AllocationState

# Where more orders than this end the run of those written together, reading ahead for the rest is not worth it.
_READINGS = 4


@dataclass(frozen=True)
class _Decided:
    """An order whose goods stay where they are, and how they are given out."""

    standing: Standing
    decision: Decision
    moved: Moved
    parcels: Sequence[ParcelKey]

    @property
    def stock_points(self) -> list[int]:
        plans = self.decision.placement.plans
        return [plans[plan].parcels[place].stock_point_id for plan, place in self.parcels]


@dataclass(frozen=True)
class _Ahead:
    """The orders to be written together, the one after them that has to be sourced alone, and those still to come."""

    decided: Sequence[_Decided]
    alone: int | None
    rest: Sequence[int]


class _Overtaken(Exception):
    """Somebody else changed these orders meanwhile."""

    def __init__(self, order_ids: set[int]) -> None:
        super().__init__(order_ids)
        self.order_ids = order_ids


def source_orders(*, order_ids: Sequence[int], trigger: str = PLACED) -> None:
    """As `source_order` for each in turn. Where one raises, those before it stay sourced."""
    rest: Sequence[int] = list(dict.fromkeys(order_ids))
    for _ in range(_READINGS):
        if len(rest) < 2:
            break
        ahead = _look_ahead(rest, trigger)
        alone = _write(ahead.decided, trigger)
        for order_id in alone if ahead.alone is None else [*alone, ahead.alone]:
            source_order(order_id=order_id, trigger=trigger)
        rest = ahead.rest
    for order_id in rest:
        source_order(order_id=order_id, trigger=trigger)


def _look_ahead(order_ids: Sequence[int], trigger: str) -> _Ahead:
    """Nothing is written and nothing locked."""
    standings = [each for each in read_standings(order_ids) if each.may_be_sourced]
    simple = list(takewhile(_is_simple, standings))
    demands = demands_of_orders(simple)
    baskets = [[baskets_of(part) for part in parts] for parts in demands]
    groups = [[basket for of_part in of_order for basket in of_part] for of_order in baskets]
    decided: list[_Decided] = []
    for place, plans in enumerate(plan_in_turn(groups=groups, trigger=trigger) if simple else ()):
        found = _decide(simple[place], demands[place], baskets[place], plans)
        if found is None:
            break
        decided.append(found)
    ids = [each.order.pk for each in standings[len(decided) :]]
    return _Ahead(decided, ids[0] if ids else None, ids[1:])


def _is_simple(standing: Standing) -> bool:
    """Whether all it wants is reserved, sent from where it lies, and under no ceiling."""
    if standing.order.channel.has_allotments or standing.awaited or standing.carried_out:
        return False
    if any(piece.state != AllocationState.RESERVED or piece.reservation_id is None for piece in standing.open):
        return False
    # Baskets that want the same variant are planned in turn, and stock is not taken ahead.
    lines = [(standing.lines[piece.line_id], standing.told(piece)) for piece in standing.open]
    ways = {(line.variant_id, line.mode, line.pickup_point_id, told) for line, told in lines}
    return max(Counter(variant for variant, *_ in ways).values()) == 1


def _decide(
    standing: Standing, parts: Sequence[Demand], baskets: Sequence[Sequence[Basket]], plans: Sequence[BasketPlan]
) -> _Decided | None:
    """None where it has to be sourced alone."""
    if any(plan.unplanned for plan in plans):
        return None
    left = iter(plans)
    placement = joined(
        [
            placement_of(part, [(basket, next(left)) for basket in of_part])
            for part, of_part in zip(parts, baskets, strict=True)
        ]
    )
    if is_beyond_hops(standing, placement) or not lies_as_placed(standing, placement):
        return None
    moved = unmoved(standing, placement)
    if moved is None:
        return None
    return _Decided(standing, Decision(placement, is_kept=True), moved, parcels_to_give_out(standing, placement))


def _write(decided: Sequence[_Decided], trigger: str) -> list[int]:
    """Write them together; the ids of those that others changed, and that have to be sourced alone."""
    left, alone = list(decided), list[int]()
    while left:
        try:
            _write_all(left, trigger)
            break
        except _Overtaken as others:
            alone += [each.standing.order.pk for each in left if each.standing.order.pk in others.order_ids]
            left = [each for each in left if each.standing.order.pk not in others.order_ids]
        except NoCapacityLeft:
            return [*alone, *(each.standing.order.pk for each in left)]
    return alone


@retry_on_conflict
@transaction.atomic
def _write_all(decided: Sequence[_Decided], trigger: str) -> None:
    """Capacity, then the orders: in this order of locks. No level is touched."""
    capacity = take_capacity(stock_point_ids=[point for each in decided for point in each.stock_points])
    overtaken = lock_standings([each.standing for each in decided])
    if overtaken:
        raise _Overtaken(overtaken)
    works = []
    for each in decided:
        rows = apply_slices(each.moved)
        works += works_of(each.standing.order, each.decision.placement, each.parcels, rows, capacity)
    create_fulfilments(works=works)
    tell_decisions([(each.standing.order, each.decision) for each in decided], trigger)
    roll_up_orders(order_ids=[each.standing.order.pk for each in decided])
