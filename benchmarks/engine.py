"""The sourcing engine: is its plan the minimum, and how long does it take.

The reference is a mixed-integer programme written from the raw facts (`sourcing_reference`). Times are of
one call each, on networks of 500 stock points: `core` is the search on prepared arrays, `source()` the
whole decision with its facts read, filtered, costed and every candidate's costs told.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from benchmarks.rows import Row, at_most, table
from benchmarks.sourcing_cases import random_facts, random_network, random_rule, rule_set_of
from benchmarks.sourcing_reference import minimum_cost
from oms.sourcing.costs import CostTerms, costs_of
from oms.sourcing.engine import problem_of, source
from oms.sourcing.facts import Facts
from oms.sourcing.filters import field_of
from oms.sourcing.planning import cheapest_plan
from oms.sourcing.problem import Problem
from oms.sourcing.rules import Rule
from oms.sourcing.situation import Situation

SEED = 20250305
BASKETS = 1_000
LINES = range(1, 9)
POINTS = 500
# Distances are rounded to the metre, amounts to a millionth; the reference proves to a millionth.
TOLERANCE = 2e-4


@dataclass(frozen=True)
class Exactness:
    """Of all baskets: shares in per cent, and how far the worst plan is above the reference."""

    baskets: int
    planned: float
    above: float
    worst: float
    disagreeing: float
    seconds: float


def exactness(baskets: int, *, splits: bool, sizes: tuple[int, ...], seed: int = SEED) -> Exactness:
    rng = random.Random(seed)
    networks = [random_network(rng, size) for size in sizes]
    above = planned = disagreeing = 0
    worst = 0.0
    started = time.perf_counter()
    for number in range(baskets):
        facts = random_facts(rng, networks[number % len(networks)], 1 + number // len(networks) % 8)
        rule = random_rule(rng, splits=splits)
        result, reference = source(facts, rule_set_of(rule)), minimum_cost(facts, rule).cost
        if (reference is None) != (result.outcome != "planned"):
            disagreeing += 1
        elif reference is not None:
            planned += 1
            excess = float(result.total) - reference
            above += excess > TOLERANCE
            worst = max(worst, excess / max(abs(reference), 1.0))
    return Exactness(
        baskets=baskets,
        planned=100 * planned / baskets,
        above=100 * above / baskets,
        worst=100 * worst if above else 0.0,
        disagreeing=100 * disagreeing / baskets,
        seconds=time.perf_counter() - started,
    )


def prepared(facts: Facts, rule: Rule) -> Problem:
    situation = Situation(facts)
    field = field_of(rule, situation)
    costs = costs_of(rule, CostTerms(situation, uses_learning=True), field)
    return problem_of(situation, rule, field, costs)


def milliseconds(call: Callable[[], object], clock: Callable[[], float] = time.thread_time) -> float:
    started = clock()
    call()
    return (clock() - started) * 1000


@dataclass(frozen=True)
class Times:
    """Milliseconds of each call, in the order of `lines`."""

    lines: list[int]
    core: list[float]
    whole: list[float]
    core_by_clock: list[float]

    def of(self, values: list[float], lines: int | None = None) -> np.ndarray:
        return np.array([value for value, n in zip(values, self.lines, strict=True) if lines in (None, n)])


def timings(per_size: int, *, splits: bool, max_quantity: int = 3, seed: int = SEED) -> Times:
    """`per_size` baskets of each number of lines, in turn, after a few to warm up."""
    rng = random.Random(seed)
    network = random_network(rng, POINTS)
    times = Times([], [], [], [])
    for number in range(-len(LINES), per_size * len(LINES)):
        lines = LINES[number % len(LINES)]
        facts = random_facts(rng, network, lines, max_quantity=max_quantity)
        rule = replace(random_rule(rng, splits=splits), max_parcels=rng.choice((1, 2, 3)))
        problem = prepared(facts, rule)
        search = partial(cheapest_plan, problem, complete_only=True, allow_quantity_split=splits)
        core, core_by_clock = milliseconds(search), milliseconds(search, time.perf_counter)
        whole = milliseconds(partial(source, facts, rule_set_of(rule)))
        if number >= 0:
            times.lines.append(lines)
            times.core.append(core)
            times.whole.append(whole)
            times.core_by_clock.append(core_by_clock)
    return times


def _exactness_rows() -> list[Row]:
    rows = []
    for name, found in (
        ("whole lines", exactness(BASKETS, splits=False, sizes=(50, POINTS))),
        ("quantity splits", exactness(BASKETS // 5, splits=True, sizes=(50,))),
    ):
        label = f"engine, {name}, {found.baskets} baskets"
        rows += [
            at_most(f"{label}: plans above the reference", found.above, "%", 0),
            at_most(f"{label}: worst excess over the reference", found.worst, "%", 0),
            at_most(f"{label}: planned by one, not by the other", found.disagreeing, "%", 0),
            Row(f"{label}: planned", found.planned, "%"),
        ]
    return rows


def _timing_rows() -> list[Row]:
    whole_lines = timings(150, splits=False)
    splits = timings(40, splits=True)
    core, whole = whole_lines.of(whole_lines.core), whole_lines.of(whole_lines.whole)
    at_eight = whole_lines.of(whole_lines.core, 8)
    return [
        at_most("engine core, whole lines, 500 points: mean", float(core.mean()), "ms", 0.2),
        Row("engine core, whole lines, 500 points: mean on the clock", float(np.mean(whole_lines.core_by_clock)), "ms"),
        Row("engine core, whole lines, 500 points: p99", float(np.percentile(core, 99)), "ms"),
        at_most("engine core, whole lines, 8 lines: p99", float(np.percentile(at_eight, 99)), "ms", 1.0),
        at_most("engine source(), whole lines, 500 points: mean", float(whole.mean()), "ms", 3.0),
        Row("engine source(), whole lines, 500 points: p99", float(np.percentile(whole, 99)), "ms"),
        Row("engine core, quantity splits, 500 points: mean", float(np.mean(splits.core)), "ms"),
        Row("engine core, quantity splits, 500 points: p99", float(np.percentile(splits.core, 99)), "ms"),
        Row("engine source(), quantity splits, 500 points: mean", float(np.mean(splits.whole)), "ms"),
    ]


def run() -> list[Row]:
    return _timing_rows() + _exactness_rows()


if __name__ == "__main__":
    print(table(run()))
