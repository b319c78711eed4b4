"""Sourcing a confirmed order: planned again with the latest facts, then given to the stock points.

The order's own reservations count as free. Goods stay where they are reserved unless moving them gains
something worthwhile. Running it twice is harmless: only slices that nobody works on are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core.errors import ConcurrentChange
from oms.orchestration.deciding import RunToSave
from oms.orchestration.errors import NoCapacityLeft
from oms.orchestration.queries.capacity import Place
from oms.orchestration.services.capacity import take_capacity
from oms.orchestration.services.recording import save_runs
from oms.orchestration.states import RunResult
from orders.models import Allocation, Order
from orders.services.demands import baskets_of, place_parts, placement_of, plan_all
from orders.services.fulfilling import Work, create_fulfilments
from orders.services.moving import ParcelKey, apply_slices, move_stock
from orders.services.placements import Demand, Placement, Policy, joined
from orders.services.rollups import roll_up_order
from orders.services.selling import sell_carried_out
from orders.services.standing import Standing, demands_of_order, lock_standing, read_standing
from orders.services.timeline import Entry, note_all
from orders.services.triggers import PLACED, ROUTINE, trigger_of
from orders.states import AllocationState, Mode
from stock.errors import InsufficientStock

TRIES = 5
_BEYOND_HOPS = gettext_noop("Declined too often: nobody is asked any more.")
_NO_STOCK_POINT = gettext_noop("Some units find no stock point.")


@dataclass(frozen=True)
class Decision:
    """Where the order's open slices go. `is_kept`: they stay where they are reserved."""

    placement: Placement
    is_kept: bool
    is_beyond_hops: bool = False


def source_order(*, order_id: int, trigger: str = PLACED) -> None:
    """Source what of the order is open. On hold, not confirmed or with nothing open: nothing happens.

    Raises `ConcurrentChange` (to be tried again) when others were faster every time.
    """
    for _ in range(TRIES):
        standing = read_standing(order_id)
        if not standing.may_be_sourced:
            return
        if standing.carried_out:
            sell_carried_out(order_id=order_id)
            continue
        try:
            known = trigger_of(standing, trigger)
            _apply(standing, _decide(standing, known), known)
        except (ConcurrentChange, InsufficientStock, NoCapacityLeft):
            continue
        return
    raise ConcurrentChange


def _decide(standing: Standing, trigger: str) -> Decision:
    demands = demands_of_order(standing)
    channel = standing.order.channel
    policy = Policy(
        keep_waiting=True, allow_backorders=channel.allows_backorders, allow_preorders=channel.allows_preorders
    )
    placement = place_parts(demands, policy=policy, trigger=trigger)
    if is_beyond_hops(standing, placement):
        return _beyond_hops(standing, trigger)
    if any(piece.state != AllocationState.RESERVED for piece in standing.open):
        return Decision(placement, is_kept=False)
    if lies_as_placed(standing, placement):
        return Decision(placement, is_kept=True)
    present = _where_it_lies(demands, trigger)
    gain = present.cost - placement.cost if present else None
    if present and gain is not None and gain <= Decimal(settings.SOURCING_WORTHWHILE_GAIN) and _is_whole(placement):
        return Decision(_with_runs_of(present, placement), is_kept=True)
    return Decision(placement, is_kept=False)


def is_beyond_hops(standing: Standing, placement: Placement) -> bool:
    """Whether its work was declined more often than a rule that planned it allows."""
    limits = [plan.max_hops for plan in placement.plans]
    return bool(limits) and standing.order.hops > min(limits)


def _is_whole(placement: Placement) -> bool:
    return all(piece.state == AllocationState.RESERVED for piece in placement.slices)


def lies_as_placed(standing: Standing, placement: Placement) -> bool:
    """Whether every unit already is where it is to go."""
    units: dict[tuple[str, int], int] = defaultdict(int)
    for piece in standing.open:
        if piece.stock_point_id is not None:
            units[str(piece.line_id), piece.stock_point_id] += piece.quantity
    return placement.units() == units


def _where_it_lies(demands: Sequence[Demand], trigger: str) -> Placement | None:
    """The plan that leaves everything where it is reserved; None where the rules do not allow it any more."""
    placements: list[Placement] = []
    for demand in demands:
        part = demand.after([plan for each in placements for plan in each.plans])
        baskets = baskets_of(replace(part, kept=()), only_own_units=True)
        plans = plan_all(baskets, trigger, record=False)
        if any(plan.unplanned for plan in plans):
            return None
        placements.append(placement_of(demand, list(zip(baskets, plans, strict=True))))
    return joined(placements)


def _with_runs_of(present: Placement, considered: Placement) -> Placement:
    """The decision that is stored is the one that looked at the whole network."""
    plans = zip(present.plans, considered.plans, strict=True)
    return replace(present, plans=tuple(replace(plan, run=other.run) for plan, other in plans))


def _beyond_hops(standing: Standing, trigger: str) -> Decision:
    """Declined too often: what holds stock goes on, what waits is left to a person."""
    holding = tuple(piece for piece in standing.open if piece.state == AllocationState.RESERVED)
    if not holding:
        return Decision(Placement((), (), (), ()), is_kept=True, is_beyond_hops=True)
    demands = demands_of_order(replace(standing, open=holding))
    placement = place_parts(demands, policy=Policy(keep_waiting=True), trigger=trigger)
    return Decision(placement, is_kept=False, is_beyond_hops=True)


@transaction.atomic
def _apply(standing: Standing, decision: Decision, trigger: str) -> None:
    """Stock, capacity, then the order: in this order of locks."""
    placement = decision.placement
    waiting = (
        []
        if not decision.is_beyond_hops
        else [piece for piece in standing.open if piece.state != AllocationState.RESERVED]
    )
    touched = replace(standing, open=tuple(piece for piece in standing.open if piece not in waiting))
    moved = move_stock(touched, placement)
    ready = parcels_to_give_out(standing, placement)
    capacity = take_capacity(
        stock_point_ids=[placement.plans[plan].parcels[place].stock_point_id for plan, place in ready]
    )
    order = lock_standing(standing).order
    is_news = trigger not in ROUTINE or bool(ready) or moved.changes_anything
    rows = apply_slices(moved)
    create_fulfilments(works=works_of(order, placement, ready, rows, capacity))
    if is_news:
        tell_decision(order, decision, trigger)
    roll_up_order(order_id=order.pk)


def works_of(
    order: Order,
    placement: Placement,
    parcels: Sequence[ParcelKey],
    rows: Mapping[ParcelKey, Sequence[Allocation]],
    capacity: Mapping[int, Place],
) -> list[Work]:
    """The parcels that are given out, with the slices of each and the place it takes at its stock point."""
    works = []
    for plan, place in parcels:
        parcel = placement.plans[plan].parcels[place]
        works.append(
            Work(
                order=order,
                parcel=parcel,
                mode=placement.modes[plan],
                pickup_point_id=placement.pickup_points[plan],
                acceptance_minutes=placement.plans[plan].acceptance_minutes,
                place=capacity.get(parcel.stock_point_id),
                allocations=rows[plan, place],
            )
        )
    return works


def parcels_to_give_out(standing: Standing, placement: Placement) -> list[ParcelKey]:
    """All planned parcels; none while the customer wants everything together and something is missing."""
    if standing.order.consolidate and not _is_whole(placement):
        return []
    return [
        (plan, place)
        for plan, decided in enumerate(placement.plans)
        if placement.modes[plan] != Mode.CARRY_OUT
        for place in range(len(decided.parcels))
    ]


def tell_decision(order: Order, decision: Decision, trigger: str) -> None:
    """Store the runs, and say in the timeline and on the order what a person should know."""
    tell_decisions([(order, decision)], trigger)


def tell_decisions(told: Sequence[tuple[Order, Decision]], trigger: str) -> None:
    """As `tell_decision` for each order; runs and timelines are written in one statement each."""
    save_runs(
        runs=[
            RunToSave(plan.run, outcome=RunResult.KEPT if decision.is_kept else None)
            for _, decision in told
            for plan in decision.placement.plans
            if plan.run is not None
        ]
    )
    entries = []
    for order, decision in told:
        if decision.placement.slices:
            said = {"trigger": trigger, "kept": decision.is_kept, "waiting": _waiting_units(decision.placement)}
            entries.append(Entry(order.pk, "order.sourced", said))
        attention = _attention(decision)
        called = f"{_without_own_calls(order.needs_attention)} {attention}".strip()[:200]
        if called != order.needs_attention:
            Order.objects.filter(pk=order.pk).update(needs_attention=called)
            if attention:
                entries.append(Entry(order.pk, "order.needs_attention", {"reason": attention}))
    note_all(entries)


def _waiting_units(placement: Placement) -> int:
    waits = (AllocationState.UNFILLABLE, AllocationState.BACKORDERED)
    return sum(piece.quantity for piece in placement.slices if piece.state in waits)


def _attention(decision: Decision) -> str:
    """Why a person should look at it; empty when nobody needs to."""
    if decision.is_beyond_hops:
        return _BEYOND_HOPS
    if any(piece.state == AllocationState.UNFILLABLE for piece in decision.placement.slices):
        return _NO_STOCK_POINT
    return ""


def _without_own_calls(attention: str) -> str:
    """What others asked a person to look at stays until they take it back."""
    for own in (_BEYOND_HOPS, _NO_STOCK_POINT):
        attention = attention.replace(own, "")
    return " ".join(attention.split())
