"""The plan against the same question written independently: as a programme for HiGHS from the raw
facts, and by trying every plan where there are few."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from benchmarks.sourcing_cases import random_facts, random_network, random_rule, rule_set_of
from benchmarks.sourcing_reference import minimum_cost
from oms.sourcing import source
from oms.sourcing.facts import Facts, LineDemand
from oms.sourcing.planning import cheapest_plan
from oms.sourcing.problem import Packing, Problem, is_feasible
from oms.sourcing.results import SourcingResult
from oms.sourcing.rules import Rule

# Distances are rounded to the metre and each amount to a micro-unit; the solver proves to 1e-6.
TOLERANCE = 2e-4


def assert_minimum(facts: Facts, rule: Rule) -> SourcingResult:
    result = source(facts, rule_set_of(rule))
    reference = minimum_cost(facts, rule).cost
    if reference is None:
        assert result.outcome == "unfillable"
        return result
    assert (result.outcome, result.gap) == ("planned", 0)
    assert float(result.total) == pytest.approx(reference, abs=TOLERANCE)
    assert_serves_everything(facts, rule, result)
    return result


def assert_serves_everything(facts: Facts, rule: Rule, result: SourcingResult) -> None:
    assert len(result.plan) <= rule.max_parcels
    assert len({parcel.stock_point for parcel in result.plan}) == len(result.plan)
    assert sum(parcel.cost for parcel in result.plan) + result.costs["extra_parcel"] == result.total
    assert sum(result.costs.values()) == result.total
    served: dict[str, int] = {}
    for parcel in result.plan:
        for planned in parcel.lines:
            served[planned.line] = served.get(planned.line, 0) + planned.quantity
            assert planned.quantity <= facts.available[planned.sku][parcel.stock_point]
    assert served == {line.key: line.quantity for line in facts.lines}


@pytest.mark.parametrize("seed", range(10))
def test_random_baskets_cost_what_the_reference_proves(seed: int) -> None:
    rng = random.Random(seed)
    planned = 0
    for _ in range(20):
        network = random_network(rng, rng.choice((5, 15, 40)))
        splits = rng.random() < 0.4
        facts = random_facts(
            rng, network, rng.randint(1, 8), max_quantity=rng.choice((1, 3, 6)), density=rng.choice((0.2, 0.4, 0.8))
        )
        planned += assert_minimum(facts, random_rule(rng, splits=splits)).outcome == "planned"
    assert planned >= 8


@pytest.mark.parametrize("splits", [False, True])
def test_more_lines_than_the_dynamic_programme_takes_are_exact_too(splits: bool) -> None:
    rng = random.Random(11)
    for _ in range(4):
        facts = random_facts(rng, random_network(rng, 15), 12, density=0.7)
        rule = replace(random_rule(rng, splits=splits), max_parcels=4)
        assert assert_minimum(facts, rule).outcome == "planned"


def every_plan_cost(problem: Problem, *, may_split: bool) -> tuple[int, int] | None:
    """Units served (negated) and cost of the best plan, by trying each way to serve each unit."""
    rows = range(len(problem.fixed))
    ways = []
    for line, quantity in enumerate(problem.quantities):
        ways.append([])
        for shares in itertools.product(range(int(quantity) + 1), repeat=len(problem.fixed)):
            is_whole = max(shares) == quantity or sum(shares) == 0
            fits = all(shares[row] <= problem.usable[row, line] for row in rows)
            if sum(shares) <= quantity and fits and (may_split or is_whole):
                ways[-1].append(shares)
    found = [plan_cost(problem, shares) for shares in itertools.product(*ways)]
    return min((cost for cost in found if cost is not None), default=None)


def plan_cost(problem: Problem, shares: tuple[tuple[int, ...], ...]) -> tuple[int, int] | None:
    parcels = []
    for row in range(len(problem.fixed)):
        quantities = {line: units[row] for line, units in enumerate(shares) if units[row]}
        if quantities:
            parcels.append((row, quantities))
    if not 0 < len(parcels) <= problem.max_parcels or not is_feasible(problem, Packing(tuple(parcels), 0)):
        return None
    cost = problem.extra_parcel * (len(parcels) - 1)
    for row, quantities in parcels:
        cost += int(problem.fixed[row]) + sum(int(problem.unit[row, line]) * n for line, n in quantities.items())
    return -sum(sum(units) for units in shares), cost


def small_problem(rng: np.random.Generator, *, same_sku: bool) -> Problem:
    rows, lines = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    usable = rng.integers(0, 4, (rows, lines))
    if same_sku:
        usable = np.repeat(usable[:, :1], lines, axis=1)
    return Problem(
        fixed=rng.integers(0, 5, rows) * 1_000_000,
        unit=rng.integers(-1, 4, (rows, lines)) * 700_000,
        usable=usable,
        quantities=rng.integers(1, 4, lines),
        extra_parcel=int(rng.integers(0, 2)) * 300_000,
        max_parcels=int(rng.integers(1, 4)),
        same_sku=(tuple(range(lines)),) if same_sku and lines > 1 else (),
    )


@pytest.mark.parametrize("may_split", [False, True])
@pytest.mark.parametrize("same_sku", [False, True])
def test_small_baskets_match_every_plan_tried(same_sku: bool, may_split: bool) -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        problem = small_problem(rng, same_sku=same_sku)
        units = int(problem.quantities.sum())
        best = every_plan_cost(problem, may_split=may_split)
        partial = cheapest_plan(problem, complete_only=False, allow_quantity_split=may_split)
        assert answer_of(partial) == best
        complete = cheapest_plan(problem, complete_only=True, allow_quantity_split=may_split)
        assert answer_of(complete) == (best if best is not None and -best[0] == units else None)


def answer_of(packing: Packing | None) -> tuple[int, int] | None:
    if packing is None:
        return None
    return -sum(sum(quantities.values()) for _, quantities in packing.parcels), packing.cost


def test_an_objective_too_large_to_compare_exactly_is_refused() -> None:
    from oms.sourcing.costs import CostOutOfRange

    rng = random.Random(3)
    facts = random_facts(rng, random_network(rng, 5), 2, density=1.0)
    heavy = replace(facts, lines=tuple(replace(line, weight_g=10**12) for line in facts.lines))
    assert isinstance(heavy.lines[0], LineDemand)
    million = replace(random_rule(rng).objectives, transport=Decimal(1_000_000))
    with pytest.raises(CostOutOfRange):
        source(heavy, rule_set_of(Rule(name="dear", objectives=million)))
