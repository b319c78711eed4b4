"""Asking the engine: baskets in, plans out. Nothing is written here and nothing is reserved."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings

from oms.core import clock
from oms.orchestration.baskets import Basket, BasketPlan, LineUnits, ParcelPlan
from oms.orchestration.deciding import RulesInForce, UnsavedRun
from oms.orchestration.queries.facts import Gathered, facts_for
from oms.orchestration.queries.rule_sets import deciding
from oms.sourcing.engine import source
from oms.sourcing.facts import Facts, LineDemand
from oms.sourcing.milestones import Milestones, milestones_of
from oms.sourcing.results import PlannedLine, PlannedParcel, SourcingResult
from oms.sourcing.rules import ANY_DELAY_DAYS, DEFAULT_RULE_SET, Filters, Rule, RuleSet

STORE = "store"
BY_HAND = "by-hand"


def plan_basket(*, basket: Basket, trigger: str, record: bool = True) -> BasketPlan:
    """The plan of one basket by the rule set in force for it; see `plan_baskets`."""
    return plan_baskets(baskets=[basket], trigger=trigger, record=record)[0]


def plan_baskets(*, baskets: Sequence[Basket], trigger: str, record: bool = True) -> list[BasketPlan]:
    """One plan for each basket, in the same order, at most eight queries for all of one sales channel.

    Every basket is planned on the same reading of stock, so two of them may be given the same unit:
    reserving decides who gets it. With `record` each plan carries its run, to be saved by `save_run`
    in the transaction that acts on it. Raises `UnknownCountry`.
    """
    if not baskets:
        return []
    gathered, in_force = facts_for(baskets)
    return [_planned(each, in_force, trigger, record=record) for each in gathered]


def plan_in_turn(
    *, groups: Sequence[Sequence[Basket]], trigger: str, record: bool = True
) -> Iterator[list[BasketPlan]]:
    """The plans of one group of baskets after the other, all from one reading: what `plan_basket` would answer for
    each basket once those before it had been given to their stock points.

    What a basket takes of limited capacity is gone for the next one. Stock is not taken: who acts on the plans must
    look at the next group anew where one before it moved units of the same variants.
    """
    gathered, in_force = facts_for([basket for group in groups for basket in group])
    plans = _planned_in_turn(gathered, in_force, trigger, record=record)
    for group in groups:
        yield list(islice(plans, len(group)))


def _planned_in_turn(
    gathered: Sequence[Gathered], in_force: Sequence[RulesInForce], trigger: str, *, record: bool
) -> Iterator[BasketPlan]:
    taken = Counter[str]()
    for each in gathered:
        plan = _planned(_less_capacity(each, taken), in_force, trigger, record=record)
        taken.update(each.known.codes[parcel.stock_point_id] for parcel in plan.parcels)
        yield plan


def _less_capacity(gathered: Gathered, taken: Counter[str]) -> Gathered:
    left = gathered.facts.capacity_left
    if not left or not taken:
        return gathered
    rest = {code: units - taken[code] for code, units in left.items()}
    return replace(gathered, facts=replace(gathered.facts, capacity_left=rest))


def plan_by_hand(*, baskets: Sequence[Basket], stock_point: str, trigger: str) -> list[BasketPlan]:
    """What each basket would be if a person gave all of it to the stock point of this code: the day, service and
    cost there. No rule set in force is asked; stock, capacity and services are, and the run says who was asked."""
    if not baskets:
        return []
    rule = Rule(
        name=BY_HAND,
        filters=Filters(stock_points=(stock_point,)),
        late_days=ANY_DELAY_DAYS,
    )
    rules = RulesInForce(rules=RuleSet(code=BY_HAND, name="A person's choice", rules=(rule,)), version=None)
    gathered, _ = facts_for(baskets)
    return list(_planned_in_turn(gathered, (rules,), trigger, record=True))


def _planned(gathered: Gathered, in_force: Sequence[RulesInForce], trigger: str, *, record: bool) -> BasketPlan:
    started_at, start = clock.now(), time.perf_counter_ns()
    facts = gathered.facts
    rules = deciding(in_force, facts.order)
    result = source(facts, rules.rules)
    duration_us = (time.perf_counter_ns() - start) // 1000
    run = _run(gathered, rules, result, trigger, started_at, duration_us) if record else None
    variants = {line.key: line.variant_id for line in gathered.basket.lines}
    return BasketPlan(
        outcome=result.outcome,
        parcels=_parcels(result.plan, gathered, variants, result.acceptance_minutes),
        unplanned=_units(result.unplanned, variants),
        parked=_parcels(_parked(facts, result), gathered, variants),
        action=result.action,
        cancel_after_days=result.cancel_after_days,
        rule_set=result.rule_set,
        version=rules.version,
        rule=result.rule,
        assignment=result.assignment,
        offer_candidates=result.offer_candidates,
        acceptance_minutes=result.acceptance_minutes,
        max_hops=result.max_hops,
        promised_on=result.promised_on,
        cost=result.total,
        currency=result.currency,
        co2e_g=result.co2e_g,
        is_degraded=result.is_degraded,
        run=run,
    )


def _run(
    gathered: Gathered,
    rules: RulesInForce,
    result: SourcingResult,
    trigger: str,
    started_at: datetime,
    duration_us: int,
) -> UnsavedRun:
    return UnsavedRun(
        reference=gathered.basket.reference,
        channel_id=gathered.basket.channel_id,
        trigger=trigger,
        started_at=started_at,
        duration_us=duration_us,
        facts=gathered.facts,
        known=gathered.known,
        rules=rules,
        result=result,
    )


def _parked(facts: Facts, result: SourcingResult) -> tuple[PlannedParcel, ...]:
    """Where the units no rule plans lie cheapest: the shipped default, without limits of capacity."""
    if not result.unplanned:
        return ()
    left = replace(_not_planned(facts, result), kept=())
    return source(left, _ANYWHERE).plan


_ANYWHERE = replace(
    DEFAULT_RULE_SET, rules=tuple(replace(rule, complete_only=False) for rule in DEFAULT_RULE_SET.rules)
)


def _not_planned(facts: Facts, result: SourcingResult) -> Facts:
    """The same facts with only the units that were not planned, and without the stock of those that were."""
    wanted = {line.line: line.quantity for line in result.unplanned}
    lines: list[LineDemand] = [replace(line, quantity=wanted[line.key]) for line in facts.lines if line.key in wanted]
    available: dict[str, dict[str, int]] = {sku: dict(points) for sku, points in facts.available.items()}
    for parcel in result.plan:
        for line in parcel.lines:
            available[line.sku][parcel.stock_point] -= line.quantity
    return replace(facts, lines=tuple(lines), available=available, capacity_left={})


def _parcels(
    plan: Sequence[PlannedParcel], gathered: Gathered, variants: dict[str, int], acceptance_minutes: int | None = None
) -> tuple[ParcelPlan, ...]:
    return tuple(
        ParcelPlan(
            stock_point_id=gathered.known.ids[parcel.stock_point],
            service=parcel.service,
            lines=_units(parcel.lines, variants),
            ready_at=parcel.ready_at,
            ships_on=parcel.ships_on,
            promised_on=parcel.promised_on,
            cost=parcel.cost,
            co2e_g=parcel.co2e_g,
            distance_km=parcel.distance_km,
            weight_g=parcel.weight_g,
            promised_from=parcel.promised_from or parcel.promised_on,
            expense=parcel.expense,
            price=parcel.price,
            zone=parcel.zone,
            alternatives=_parcels(parcel.alternatives, gathered, variants, acceptance_minutes),
            milestones=_milestones(gathered.facts, parcel, acceptance_minutes),
        )
        for parcel in plan
    )


def _milestones(facts: Facts, parcel: PlannedParcel, acceptance_minutes: int | None) -> Milestones | None:
    """A store is given the time its rule allows it for an answer; any other stock point is assigned its work."""
    is_asked = facts.network.by_code[parcel.stock_point].kind == STORE
    return milestones_of(
        facts,
        parcel,
        acceptance=timedelta(minutes=acceptance_minutes or 0) if is_asked else timedelta(0),
        releasing=timedelta(minutes=settings.ORDER_RELEASE_WITHIN_MINUTES),
    )


def _units(lines: Sequence[PlannedLine], variants: dict[str, int]) -> tuple[LineUnits, ...]:
    return tuple(LineUnits(line.line, variants[line.line], line.quantity) for line in lines)
