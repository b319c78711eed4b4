"""The sourcing engine: is its plan the minimum, and how long does it take.

The reference is a mixed-integer programme written from the raw facts (`sourcing_reference`); all objectives and
filters are at work in both. Times are of one call each, on networks of 500 stock points: `search` is the engine
on prepared arrays, `preparing` makes them (facts read, filtered and costed), `source()` is the whole decision
with how every candidate fared. `first` is a call right after other work, `warm` the best of three that follow.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from benchmarks.rows import Row, at_most, table
from benchmarks.sourcing_cases import rule_set_of
from benchmarks.sourcing_everything import (
    ALL_FILTERS,
    ALL_OBJECTIVES,
    facts_of_everything,
    network_of_everything,
    rule_of_everything,
)
from benchmarks.sourcing_reference import minimum_cost
from oms.sourcing.costs import CostTerms, costs_of
from oms.sourcing.engine import problem_of, source
from oms.sourcing.facts import Facts
from oms.sourcing.filters import field_of
from oms.sourcing.planning import cheapest_plan
from oms.sourcing.problem import Problem
from oms.sourcing.results import SourcingResult
from oms.sourcing.rules import Filters, Rule
from oms.sourcing.situation import Situation

SEED = 20250305
BASKETS = 2_000
POINTS = 500
SIZES = (50, POINTS)
# Distances are rounded to the metre, amounts to a millionth; the reference proves to a millionth.
TOLERANCE = 2e-4


@dataclass
class Exactness:
    """Of all baskets: how many have a plan, and what is wrong with how many."""

    baskets: int = 0
    planned: int = 0
    split: int = 0
    above: int = 0
    below: int = 0
    disagreeing: int = 0
    unproven: int = 0
    worst: float = 0.0

    def share(self, count: int) -> float:
        return 100 * count / self.baskets

    def compare(self, facts: Facts, rule: Rule) -> None:
        """One basket's plan against the reference: the same units, for no more and no less."""
        result, reference = source(facts, rule_set_of(rule)), minimum_cost(facts, rule)
        self.baskets += 1
        if (reference.cost is None) != (result.outcome != "planned") or served(result) != reference.units:
            self.disagreeing += 1
        elif reference.cost is not None:
            excess = float(result.total) - reference.cost
            self.planned += 1
            self.split += rule.allow_quantity_split
            self.unproven += result.gap > 0
            self.above += excess > TOLERANCE
            self.below += excess < -TOLERANCE
            self.worst = max(self.worst, excess / max(abs(reference.cost), 1.0)) if excess > TOLERANCE else self.worst


def served(result: SourcingResult) -> int:
    return sum(line.quantity for parcel in result.plan for line in parcel.lines)


def exactness(baskets: int, *, sizes: tuple[int, ...] = SIZES, seed: int = SEED) -> Exactness:
    """Baskets of 1 to 10 lines, a third of them with quantity splits."""
    rng = random.Random(seed)
    networks = [network_of_everything(rng, size) for size in sizes]
    found = Exactness()
    for number in range(baskets):
        network = networks[number % len(networks)]
        density = rng.choice((0.35, 0.6, 0.9)) if len(network.stock_points) < POINTS else 0.35
        facts = facts_of_everything(rng, network, 1 + number // len(networks) % 10, density=density)
        found.compare(facts, rule_of_everything(rng, splits=rng.random() < 1 / 3))
    return found


def prepared(facts: Facts, rule: Rule) -> Problem:
    situation = Situation(facts, rule.objectives)
    candidates = field_of(rule, situation)
    costs = costs_of(rule, CostTerms(situation, uses_learning=True), candidates)
    return problem_of(situation, rule, candidates, costs)


def milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


@dataclass
class Times:
    """Milliseconds of each call, by what was timed; `gaps` above the minimum that were left unproven."""

    of: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    gaps: list[float] = field(default_factory=list)

    def mean(self, what: str) -> float:
        return float(np.mean(self.of[what]))

    def p99(self, what: str) -> float:
        return float(np.percentile(self.of[what], 99))


def timings(
    baskets: int, *, splits: bool, filters: Filters = ALL_FILTERS, lines: tuple[int, int] = (1, 8), seed: int = SEED
) -> Times:
    """Baskets of so many lines in turn, in 1, 2 or 3 parcels, after a few to warm up."""
    rng = random.Random(seed)
    network = network_of_everything(rng, POINTS)
    least, most = lines
    times = Times()
    for number in range(-8, baskets):
        facts = facts_of_everything(rng, network, least + number % (most - least + 1))
        rule = Rule(
            name="all objectives",
            filters=filters,
            objectives=ALL_OBJECTIVES,
            max_parcels=1 + number // 8 % 3,
            allow_quantity_split=splits,
            late_days=30,
        )
        _time_one(facts, rule, times if number >= 0 else Times())
    return times


def _time_one(facts: Facts, rule: Rule, times: Times) -> None:
    problem = prepared(facts, rule)
    search = partial(
        cheapest_plan, problem, complete_only=rule.complete_only, allow_quantity_split=rule.allow_quantity_split
    )
    times.of["first"].append(milliseconds(search))
    times.of["warm"].append(min(milliseconds(search) for _ in range(3)))
    times.of["preparing"].append(milliseconds(partial(prepared, facts, rule)))
    times.of["source()"].append(milliseconds(partial(source, facts, rule_set_of(rule))))
    plan = search()
    times.gaps.append(plan.gap if plan else 0.0)


def _exactness_rows(baskets: int) -> list[Row]:
    found = exactness(baskets)
    label = f"engine, everything on, {found.baskets} baskets"
    return [
        at_most(f"{label}: plans above the reference", found.share(found.above), "%", 0),
        at_most(f"{label}: plans below the reference", found.share(found.below), "%", 0),
        at_most(f"{label}: worst excess over the reference", 100 * found.worst, "%", 0),
        at_most(f"{label}: planned by one, not by the other", found.share(found.disagreeing), "%", 0),
        at_most(f"{label}: left unproven", found.share(found.unproven), "%", 0),
        Row(f"{label}: planned", found.share(found.planned), "%"),
        Row(f"{label}: planned with quantity splits allowed", found.share(found.split), "%"),
    ]


def _timing_rows() -> list[Row]:
    rows = []
    for label, times in (
        ("all filters", timings(600, splits=False)),
        ("nothing filtered", timings(600, splits=False, filters=Filters())),
    ):
        name = f"engine, 1-8 lines, 500 points, all objectives, {label}"
        rows += [
            at_most(f"{name}: search, warm, mean", times.mean("warm"), "ms", 0.1),
            at_most(f"{name}: search, warm, p99", times.p99("warm"), "ms", 1.0),
            at_most(f"{name}: search, first, mean", times.mean("first"), "ms", 0.2),
            Row(f"{name}: search, first, p99", times.p99("first"), "ms"),
            Row(f"{name}: preparing, mean", times.mean("preparing"), "ms"),
            Row(f"{name}: source(), mean", times.mean("source()"), "ms"),
            Row(f"{name}: source(), p99", times.p99("source()"), "ms"),
        ]
    for label, times in (
        ("quantity splits, 1-8 lines", timings(240, splits=True, filters=Filters())),
        ("9-12 lines", timings(80, splits=False, filters=Filters(), lines=(9, 12))),
        ("quantity splits, 9-12 lines", timings(60, splits=True, filters=Filters(), lines=(9, 12))),
    ):
        name = f"engine, 500 points, all objectives, {label}"
        rows += [
            Row(f"{name}: search, mean", times.mean("first"), "ms"),
            at_most(f"{name}: search, p99", times.p99("first"), "ms", 200),
            at_most(f"{name}: largest gap left", 100 * max(times.gaps), "%", 0),
        ]
    return rows


def run() -> list[Row]:
    return _timing_rows() + _exactness_rows(BASKETS)


if __name__ == "__main__":
    print(table(run()))
