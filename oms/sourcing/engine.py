"""The decision: the first rule of the set that yields a plan, and that rule's cheapest plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.candidates import CandidateTable, candidate_columns
from oms.sourcing.costs import Costs, CostTerms, costs_of, to_money
from oms.sourcing.filters import Field, field_of, is_in_force
from oms.sourcing.house import SERVICE
from oms.sourcing.keeping import kept_packing, kept_promise
from oms.sourcing.planning import cheapest_plan
from oms.sourcing.problem import EXACT, Packing, Problem
from oms.sourcing.results import PLANNED, UNFILLABLE, PlannedLine, PlannedParcel, RuleAttempt, SourcingResult
from oms.sourcing.rules import ASSIGN, OFFER, Rule, RuleSet
from oms.sourcing.situation import Situation
from oms.sourcing.worth import is_shop

if TYPE_CHECKING:
    from oms.sourcing.facts import Facts

# Raise it with every change that may change a plan: a stored run is replayed by its own engine.
ENGINE_VERSION = "8"

NOT_NOW = "not_now"
NO_CANDIDATE = "no_candidate"
INCOMPLETE = "incomplete"
NOT_REACHED = "not_reached"


@dataclass(frozen=True)
class _Trial:
    """One rule on the facts; `packing` by row of the network."""

    rule: Rule
    field: Field
    costs: Costs
    packing: Packing | None


def source(facts: Facts, rule_set: RuleSet) -> SourcingResult:
    """Decides which stock points serve the basket.

    Rules are tried in order; the first that yields a plan wins, also where it serves only part of
    the basket because it is not `complete_only`. The answer depends on nothing but its arguments, not
    on the order of stock points or lines. Where a promise is to be kept, its plan is the answer as long
    as it can still be carried out, whatever the rules say by now.
    """
    prepared = _Prepared(facts_for_rules(facts, rule_set), uses_learning=rule_set.uses_learning)
    if facts.kept:
        return _kept(prepared, rule_set)
    attempts: list[RuleAttempt] = []
    last: _Trial | None = None
    for rule in rule_set.rules:
        if last is not None and last.packing is not None:
            attempts.append(RuleAttempt(rule.name, NOT_REACHED, {}))
        elif not is_in_force(rule.calendar, facts.now, facts.timezone):
            attempts.append(RuleAttempt(rule.name, NOT_NOW, {}))
        else:
            last = _try(rule, *prepared.by(rule))
            attempts.append(RuleAttempt(rule.name, _outcome(last), last.field.verdicts.counts()))
    situation = prepared.by(last.rule if last else rule_set.rules[0])[0]
    if last is None or last.packing is None:
        return _unfillable(situation, rule_set, tuple(attempts), last)
    return _planned(situation, rule_set, tuple(attempts), last, last.packing)


def facts_for_rules(facts: Facts, rule_set: RuleSet) -> Facts:
    """The same facts, with the configured times where the rules do not use learning."""
    network = facts.network if rule_set.uses_learning else facts.network.as_configured
    return facts if network is facts.network else replace(facts, network=network)


class _Prepared:
    """The columns of one basket, shared by rules that choose carriers' services alike."""

    def __init__(self, facts: Facts, *, uses_learning: bool) -> None:
        self.facts = facts
        self.uses_learning = uses_learning
        self._known: dict[object, tuple[Situation, CostTerms]] = {}

    def by(self, rule: Rule) -> tuple[Situation, CostTerms]:
        weigh = rule.objectives
        is_shared = not self.facts.network.services
        key = None if is_shared else (weigh.transport, weigh.carbon_per_kg, weigh.lateness_per_day)
        if key not in self._known:
            situation = Situation(self.facts, weigh)
            self._known[key] = situation, CostTerms(situation, uses_learning=self.uses_learning)
        return self._known[key]


def _kept(prepared: _Prepared, rule_set: RuleSet) -> SourcingResult:
    """The promised plan, told as the first rule that looks at all its stock points would tell it."""
    situation, terms = prepared.by(rule_set.rules[0])
    packing = kept_packing(situation)
    rows = set() if packing is None else {row for row, _ in packing.parcels}
    trials = [_looked_at(rule, situation, terms) for rule in rule_set.rules]
    trial = next((each for each in trials if rows <= set(each.field.rows.tolist())), trials[0])
    attempts = tuple(
        RuleAttempt(rule.name, PLANNED if packing and rule is trial.rule else NOT_REACHED, {})
        for rule in rule_set.rules
    )
    if packing is None:
        return _unfillable(situation, rule_set, attempts, trial)
    cost = sum(sum(trial.costs.of_parcel(row, quantities).values()) for row, quantities in packing.parcels)
    cost += trial.costs.extra_parcel * (len(packing.parcels) - 1)
    return _planned(situation, rule_set, attempts, trial, Packing(packing.parcels, cost))


def _looked_at(rule: Rule, situation: Situation, terms: CostTerms) -> _Trial:
    field = field_of(rule, situation)
    return _Trial(rule, field, costs_of(rule, terms, field), None)


def problem_of(situation: Situation, rule: Rule, field: Field, costs: Costs) -> Problem:
    """The rule's field as the arrays that the search takes; rows are those of `field.rows`."""
    positions: dict[str, list[int]] = {}
    for position, line in enumerate(situation.lines):
        positions.setdefault(line.sku, []).append(position)
    return Problem(
        fixed=costs.fixed_total[field.rows],
        unit=costs.unit_total.T.take(field.rows, axis=1).T,
        usable=field.usable.T.take(field.rows, axis=1).T,
        quantities=situation.quantities,
        extra_parcel=costs.extra_parcel,
        max_parcels=rule.most_parcels(situation.facts.order_value),
        same_sku=tuple(tuple(lines) for lines in positions.values() if len(lines) > 1),
    )


def _try(rule: Rule, situation: Situation, terms: CostTerms) -> _Trial:
    field = field_of(rule, situation)
    costs = costs_of(rule, terms, field)
    if len(field.rows) == 0:
        return _Trial(rule, field, costs, None)
    found = cheapest_plan(
        problem_of(situation, rule, field, costs),
        complete_only=rule.complete_only,
        allow_quantity_split=rule.allow_quantity_split,
    )
    if found is None:
        return _Trial(rule, field, costs, None)
    parcels = tuple((int(field.rows[row]), quantities) for row, quantities in found.parcels)
    return _Trial(rule, field, costs, Packing(parcels, found.cost, found.method, found.gap))


def _outcome(trial: _Trial) -> str:
    if trial.packing is not None:
        return PLANNED
    return INCOMPLETE if len(trial.field.rows) else NO_CANDIDATE


def _planned(
    situation: Situation, rule_set: RuleSet, attempts: tuple[RuleAttempt, ...], trial: _Trial, packing: Packing
) -> SourcingResult:
    plan = tuple(
        replace(
            _parcel(situation, trial.costs, row, quantities), alternatives=_alternatives(situation, trial, packing, row)
        )
        for row, quantities in sorted(packing.parcels, key=lambda parcel: parcel[0])
    )
    costs: dict[str, Decimal] = {}
    for parcel in plan:
        for name, amount in parcel.costs.items():
            costs[name] = costs.get(name, Decimal(0)) + amount
    costs["extra_parcel"] = to_money(trial.costs.extra_parcel * (len(plan) - 1))
    unplanned = _unplanned(situation, packing)
    nothing_fits = rule_set.when_nothing_fits if unplanned else None
    return SourcingResult(
        outcome=PLANNED,
        rule_set=rule_set.code,
        rule=trial.rule.name,
        plan=plan,
        unplanned=unplanned,
        candidates=_candidates(situation, trial, dict(packing.parcels)),
        attempts=attempts,
        action=nothing_fits.action if nothing_fits else None,
        cancel_after_days=nothing_fits.cancel_after_days if nothing_fits else None,
        assignment=trial.rule.assignment.kind,
        offer_candidates=trial.rule.assignment.candidates,
        acceptance_minutes=trial.rule.acceptance_minutes,
        max_hops=rule_set.max_hops,
        currency=situation.facts.currency,
        costs=costs,
        total=to_money(packing.cost),
        promised_on=max(parcel.promised_on for parcel in plan),
        co2e_g=sum(parcel.co2e_g for parcel in plan),
        method=packing.method,
        gap=Decimal(str(round(packing.gap, 6))),
        is_degraded=_is_degraded(situation),
        engine_version=ENGINE_VERSION,
    )


def _unfillable(
    situation: Situation, rule_set: RuleSet, attempts: tuple[RuleAttempt, ...], last: _Trial | None
) -> SourcingResult:
    return SourcingResult(
        outcome=UNFILLABLE,
        rule_set=rule_set.code,
        rule=None,
        plan=(),
        unplanned=tuple(PlannedLine(line.key, line.sku, line.quantity) for line in situation.lines),
        candidates=_candidates(situation, last, {}) if last else (),
        attempts=attempts,
        action=rule_set.when_nothing_fits.action,
        cancel_after_days=rule_set.when_nothing_fits.cancel_after_days,
        assignment=ASSIGN,
        offer_candidates=1,
        acceptance_minutes=None,
        max_hops=rule_set.max_hops,
        currency=situation.facts.currency,
        costs={},
        total=Decimal(0),
        promised_on=None,
        co2e_g=0,
        method=EXACT,
        gap=Decimal(0),
        is_degraded=_is_degraded(situation),
        engine_version=ENGINE_VERSION,
    )


def _candidates(situation: Situation, trial: _Trial, chosen: Mapping[int, Mapping[int, int]]) -> CandidateTable:
    may_split = trial.rule.allow_quantity_split
    return CandidateTable(lambda: candidate_columns(situation, trial.field, trial.costs, chosen, may_split=may_split))


def _parcel(situation: Situation, costs: Costs, row: int, quantities: Mapping[int, int]) -> PlannedParcel:
    dates = situation.dates(row)
    assert dates is not None, "a row that never opens is rejected before planning"
    handed, promised_on = dates
    promised_on = kept_promise(situation, row) or promised_on
    by_objective = {name: to_money(amount) for name, amount in costs.of_parcel(row, quantities).items()}
    weight_g = sum(situation.lines[line].weight_g * units for line, units in quantities.items())
    return PlannedParcel(
        stock_point=situation.network.codes[row],
        service=SERVICE if situation.is_own[row] else situation.lane(row).code,
        lines=tuple(
            PlannedLine(situation.lines[line].key, situation.lines[line].sku, units)
            for line, units in sorted(quantities.items())
        ),
        costs=by_objective,
        cost=sum(by_objective.values(), Decimal(0)),
        ready_at=handed.ready_at,
        ships_on=handed.ships_on,
        promised_on=promised_on,
        distance_km=float(situation.distance_km[row]),
        weight_g=weight_g,
        co2e_g=situation.emissions_g(row, weight_g),
        promised_from=min(situation.earliest_on(row), promised_on),
        price=situation.price(row),
        expense=situation.expense(row, weight_g),
        zone=situation.zone_of(row),
    )


def _alternatives(situation: Situation, trial: _Trial, packing: Packing, row: int) -> tuple[PlannedParcel, ...]:
    """The parcel of one row from the shops that are asked beside it; a point of the plan is never one."""
    wanted = trial.rule.assignment.candidates - 1
    if trial.rule.assignment.kind != OFFER or wanted < 1:
        return ()
    quantities = dict(packing.parcels)[row]
    lines, units = list(quantities), np.array(list(quantities.values()))
    able = trial.field.verdicts.fits & is_shop(situation.network)
    able[[planned for planned, _ in packing.parcels]] = False
    able &= (trial.field.usable[:, lines] >= units).all(axis=1)
    for sku in {situation.lines[line].sku for line in lines}:
        same = [line for line in lines if situation.lines[line].sku == sku]
        able &= trial.field.usable[:, same].max(axis=1) >= sum(quantities[line] for line in same)
    costs = trial.costs.fixed_total + trial.costs.unit_total[:, lines] @ units
    rows = np.flatnonzero(able)
    nearest = rows[np.argsort(costs[rows], kind="stable")][:wanted]
    return tuple(_parcel(situation, trial.costs, int(other), quantities) for other in nearest)


def _unplanned(situation: Situation, packing: Packing) -> tuple[PlannedLine, ...]:
    planned = [0] * len(situation.lines)
    for _, quantities in packing.parcels:
        for line, units in quantities.items():
            planned[line] += units
    return tuple(
        PlannedLine(line.key, line.sku, line.quantity - units)
        for line, units in zip(situation.lines, planned, strict=True)
        if units < line.quantity
    )


def _is_degraded(situation: Situation) -> bool:
    destination = situation.facts.destination
    return situation.lacks_tables or (destination is not None and destination.is_degraded)
