"""What an order still wants, as baskets for orchestration, and what comes back, as slices.

Pure but for the questions it asks: nothing is written here. The same road serves an order being placed,
sourced again, changed, or paid after it had expired.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from oms.core import clock
from oms.orchestration.baskets import Basket, BasketLine, BasketPlan, Excluded, LineUnits
from oms.orchestration.services.planning import plan_basket, plan_in_turn
from orders.errors import PromiseTaken
from orders.services.placements import Demand, DemandLine, Placement, Policy, Slice, UnitKey, joined
from orders.services.shortages import expected_of, shortage, will_have_come, worse_of
from orders.states import AllocationState, Mode
from stock.errors import InsufficientStock


def place_demand(demand: Demand, *, policy: Policy, trigger: str, record: bool = True) -> Placement:
    """Find a place for every unit. Raises `InsufficientStock` where the policy refuses what is missing, and
    `PromiseTaken` where a promise is to be kept that cannot be kept any more.

    Shortage is settled before rules: when the rules leave units unplanned, each line is first cut to what
    the channel may promise, and the rules plan what remains.
    """
    if demand.awaited:
        return _place_awaiting(demand, policy, trigger, record)
    plans = _plan(demand, trigger, record)
    is_whole = not any(plan.unplanned for _, plan in plans)
    # The rules know nothing of allotments.
    missing = Counter() if is_whole and not demand.is_allotted else shortage(demand)
    if demand.kept and (missing or not is_whole):
        raise PromiseTaken
    if is_whole and not missing:
        return _placement(demand, plans, Counter(), policy)
    if missing:
        _settle(demand, worse_of(demand, missing, _unreachable_by(demand, plans)), policy)
        rest = demand.without(missing)
        plans = _plan(rest, trigger, record) if rest.lines else []
    return _placement(demand, plans, missing, policy)


def _place_awaiting(demand: Demand, policy: Policy, trigger: str, record: bool) -> Placement:
    """A promise of which a part has still to come: what is there as promised, the rest of what is expected."""
    later = Counter[str]()
    for each in demand.awaited:
        later[each.key] += each.quantity
    rest = demand.without(later)
    plans = _plan(rest, trigger, record) if rest.lines else []
    if any(plan.unplanned for _, plan in plans) or (rest.lines and demand.is_allotted and shortage(rest)):
        raise PromiseTaken
    if not will_have_come(demand):
        raise PromiseTaken
    return _placement(demand, plans, later, replace(policy, allow_partial=False))


def place_parts(demands: Sequence[Demand], *, policy: Policy, trigger: str) -> Placement:
    """The parts of one order, each by the day its customer was told: as told, or where that cannot be kept any more as
    any other demand. What a part gives up is free for the next ones, what it takes is gone for them: units, and places
    at stock points that take only so many orders."""
    placements: list[Placement] = []
    spare: Counter[UnitKey] = Counter()
    for demand in demands:
        own = Counter(dict(demand.own_units))
        own.update(spare)
        part = replace(demand, own_units=dict(own)).after([plan for each in placements for plan in each.plans])
        try:
            placement = place_demand(part, policy=policy, trigger=trigger)
        except PromiseTaken:
            placement = place_demand(replace(part, kept=()), policy=policy, trigger=trigger)
        spare = own
        spare.subtract(placement.taken())
        placements.append(placement)
    return joined(placements)


def baskets_of(demand: Demand, *, only_own_units: bool = False) -> list[Basket]:
    """One basket per way of receiving the goods: mode and pickup point."""
    groups: dict[tuple[str, int | None], list[DemandLine]] = defaultdict(list)
    for line in demand.lines:
        groups[line.mode, line.pickup_point_id].append(line)
    return [
        Basket(
            reference=demand.reference,
            channel_id=demand.channel_id,
            mode=mode,
            lines=tuple(BasketLine(line.key, line.variant_id, line.quantity) for line in lines),
            destination=demand.destination,
            pickup_point_id=pickup_point_id,
            selling_stock_point_id=demand.selling_stock_point_id,
            own_units=demand.own_units,
            only_own_units=only_own_units,
            own_capacity=demand.own_capacity,
            excluded=_excluded_for(demand.excluded, lines),
            promised_on=demand.promised_on,
            order_value=demand.order_value,
            kept=tuple(each for each in demand.kept if {key for key, _ in each.units} <= {line.key for line in lines}),
            customer_class=demand.customer_class,
            tags=demand.tags,
            ordered_at=demand.ordered_at,
        )
        for (mode, pickup_point_id), lines in groups.items()
    ]


def _excluded_for(excluded: Sequence[Excluded], lines: Sequence[DemandLine]) -> tuple[Excluded, ...]:
    """Exclusions that speak of this basket's lines (one without keys speaks of all)."""
    keys = {line.key for line in lines}
    return tuple(
        replace(each, keys=tuple(key for key in each.keys if key in keys))
        for each in excluded
        if not each.keys or keys.intersection(each.keys)
    )


def plan_all(baskets: Sequence[Basket], trigger: str, record: bool) -> list[BasketPlan]:
    """A plan per basket, each less the places those before it took. Baskets that want the same variant are read in
    turn, each less the units those before it took."""
    if not baskets:
        return []
    if len(baskets) == 1:
        return [plan_basket(basket=baskets[0], trigger=trigger, record=record)]
    variants = Counter(variant for basket in baskets for variant in {line.variant_id for line in basket.lines})
    if max(variants.values()) == 1:
        return next(plan_in_turn(groups=[baskets], trigger=trigger, record=record))
    taken: Counter[UnitKey] = Counter()
    plans: list[BasketPlan] = []
    for basket in baskets:
        own, places = Counter(dict(basket.own_units)), Counter(dict(basket.own_capacity))
        own.subtract(taken)
        places.subtract(parcel.stock_point_id for plan in plans for parcel in plan.parcels)
        own_only = replace(basket, own_units=dict(own), own_capacity=dict(places))
        plan = plan_basket(basket=own_only, trigger=trigger, record=record)
        for parcel in (*plan.parcels, *plan.parked):
            taken.update({(line.variant_id, parcel.stock_point_id): line.quantity for line in parcel.lines})
        plans.append(plan)
    return plans


def _plan(demand: Demand, trigger: str, record: bool) -> list[tuple[Basket, BasketPlan]]:
    """Goods carried out of the shop come from its shelf: there is nothing to plan for them."""
    carried = [line for line in demand.lines if line.mode == Mode.CARRY_OUT]
    rest = replace(demand, lines=tuple(line for line in demand.lines if line not in carried)) if carried else demand
    baskets = baskets_of(rest)
    return list(zip(baskets, plan_all(baskets, trigger, record), strict=True))


def _settle(demand: Demand, missing: Mapping[str, int], policy: Policy) -> None:
    """Refuse where the policy does, and where nothing would be left to send and nothing to wait for."""
    missing = Counter(missing) - expected_of(demand, missing, policy)
    if not missing:
        return
    nothing_left = not demand.without(missing).lines
    if policy.state_of_missing is None or (nothing_left and policy.state_of_missing == AllocationState.CANCELLED):
        raise refusal(demand, missing)


def refusal(demand: Demand, missing: Mapping[str, int]) -> InsufficientStock:
    """`data.lines`: each SKU that is short, what was asked in all its lines, and what can be had."""
    requested: Counter[str] = Counter()
    lacking: Counter[str] = Counter()
    for line in demand.lines:
        requested[line.sku] += line.quantity
        lacking[line.sku] += missing.get(line.key, 0)
    return InsufficientStock(
        data={
            "lines": [
                {"sku": sku, "requested": requested[sku], "available": requested[sku] - lacking[sku]}
                for sku in requested
                if lacking[sku]
            ]
        }
    )


def placement_of(demand: Demand, plans: Sequence[tuple[Basket, BasketPlan]]) -> Placement:
    """The placement of plans that leave nothing out."""
    return _placement(demand, plans, Counter(), Policy())


def _placement(
    demand: Demand, plans: Sequence[tuple[Basket, BasketPlan]], missing: Counter[str], policy: Policy
) -> Placement:
    slices = [_carried_out(demand, line) for line in demand.lines if line.mode == Mode.CARRY_OUT]
    missing = Counter(missing)
    _refuse_cancelled(demand, plans, policy)
    for index, (_, plan) in enumerate(plans):
        slices.extend(_slices_of_planned(demand, index, plan))
        slices.extend(_slices_of_unplanned(plan))
        missing.update(_unreachable(demand, plan))
    if missing:
        _settle(demand, missing, policy)
    variants = {line.key: line.variant_id for line in demand.lines}
    expected = expected_of(demand, missing, policy)
    slices.extend(
        Slice(key, variants[key], None, quantity, AllocationState.BACKORDERED, reason="no_stock")
        for key, quantity in expected.items()
    )
    missing -= expected
    slices.extend(
        Slice(
            key, variants[key], None, quantity, policy.state_of_missing or AllocationState.UNFILLABLE, reason="no_stock"
        )
        for key, quantity in missing.items()
        if quantity
    )
    return Placement(
        slices=tuple(_as_told(demand, piece) for piece in slices),
        plans=tuple(plan for _, plan in plans),
        modes=tuple(basket.mode for basket, _ in plans),
        pickup_points=tuple(basket.pickup_point_id for basket, _ in plans),
    )


def _slices_of_planned(demand: Demand, index: int, plan: BasketPlan) -> Iterable[Slice]:
    """Of a promise each parcel has its own day; without one the customer is told the last of the plan's."""
    for place, parcel in enumerate(plan.parcels):
        for line in parcel.lines:
            yield Slice(
                line.key,
                line.variant_id,
                parcel.stock_point_id,
                line.quantity,
                AllocationState.RESERVED,
                (index, place),
                promised_on=parcel.promised_on if demand.kept else plan.promised_on,
            )


def _as_told(demand: Demand, piece: Slice) -> Slice:
    """With the days its customer knows already, where this is no new promise."""
    if demand.promised_on is not None:
        return replace(piece, promised_on=demand.promised_on, expected_on=demand.expected_on)
    if piece.state == AllocationState.BACKORDERED:
        days = [each.promised_on for each in demand.awaited if each.key == piece.key and each.promised_on is not None]
        return replace(piece, promised_on=max(days, default=None))
    return piece


def _refuse_cancelled(demand: Demand, plans: Sequence[tuple[Basket, BasketPlan]], policy: Policy) -> None:
    """A rule set may say that what no rule plans is not sold at all."""
    refused = Counter[str]()
    for _, plan in plans:
        if plan.action == "cancel":
            refused.update(_units(plan.unplanned))
    if refused and not policy.keep_waiting:
        raise refusal(demand, refused)


def _carried_out(demand: Demand, line: DemandLine) -> Slice:
    return Slice(
        line.key,
        line.variant_id,
        demand.selling_stock_point_id,
        line.quantity,
        AllocationState.RESERVED,
        is_carried_out=True,
    )


def _slices_of_unplanned(plan: BasketPlan) -> Iterable[Slice]:
    """Units that are in stock and that no rule plans, as the rule set wants them: parked or back-ordered."""
    if plan.action == "backorder":
        for line in plan.unplanned:
            yield Slice(
                line.key, line.variant_id, None, line.quantity, AllocationState.BACKORDERED, reason="no_rule_plans_it"
            )
    elif plan.action == "queue":
        give_up_at = clock.now() + timedelta(days=plan.cancel_after_days) if plan.cancel_after_days else None
        for parcel in plan.parked:
            for line in parcel.lines:
                yield Slice(
                    line.key,
                    line.variant_id,
                    parcel.stock_point_id,
                    line.quantity,
                    AllocationState.UNFILLABLE,
                    give_up_at=give_up_at,
                    reason="no_rule_plans_it",
                )


def _unreachable_by(demand: Demand, plans: Sequence[tuple[Basket, BasketPlan]]) -> Counter[str]:
    """All that the plans cannot reach, so that a refusal names every short article at once."""
    found: Counter[str] = Counter()
    for _, plan in plans:
        found.update(_unreachable(demand, plan))
    return found


def _unreachable(demand: Demand, plan: BasketPlan) -> Counter[str]:
    """Units no rule plans and nobody parks: those to be refused, and those lying where the mode is not offered."""
    if plan.action == "backorder":
        return Counter()
    left = Counter({line.key: 0 for line in plan.unplanned})
    left.update(_units(plan.unplanned))
    if plan.action == "queue":
        left.subtract(_units(line for parcel in plan.parked for line in parcel.lines))
    return +left


def _units(lines: Iterable[LineUnits]) -> Counter[str]:
    units: Counter[str] = Counter()
    for line in lines:
        units[line.key] += line.quantity
    return units
