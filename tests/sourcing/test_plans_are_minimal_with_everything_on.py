"""All objectives, filters, carriers, calendars and the worth of stock at once, against the independent programme."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from benchmarks.engine import BASKETS, exactness
from benchmarks.sourcing_everything import (
    ALL_FILTERS,
    ALL_OBJECTIVES,
    facts_of_everything,
    network_of_everything,
)
from benchmarks.sourcing_reference import minimum_cost
from oms.sourcing.rules import OBJECTIVES, Filters, Rule


@pytest.mark.parametrize(("baskets", "points", "seed"), [(60, 20, 1), (60, 50, 2), (10, 500, 3)])
def test_no_plan_costs_more_or_less_than_the_reference_proves(baskets: int, points: int, seed: int) -> None:
    found = exactness(baskets, sizes=(points,), seed=seed)
    assert (found.above, found.below, found.disagreeing, found.unproven) == (0, 0, 0, 0)
    assert found.planned > baskets // 4


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_two_thousand_baskets_on_50_and_500_points() -> None:
    found = exactness(BASKETS)
    assert (found.baskets, found.above, found.below, found.disagreeing, found.unproven) == (BASKETS, 0, 0, 0, 0)


STRICT = replace(ALL_FILTERS, min_cover_days=14)
EVERYTHING = Rule("everything", STRICT, ALL_OBJECTIVES, max_parcels=3, complete_only=False, late_days=30)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_reference_is_blind_to_no_objective(name: str) -> None:
    rule = replace(EVERYTHING, filters=Filters())
    assert _changes(rule, replace(rule, objectives=replace(ALL_OBJECTIVES, **{name: Decimal(0)})))


@pytest.mark.parametrize(
    "name", ["kinds", "within_km", "min_capacity_left", "min_units_left", "same_banner", "open_today", "min_cover_days"]
)
def test_the_reference_is_blind_to_no_filter(name: str) -> None:
    lenient = replace(STRICT, **{name: getattr(Filters(), name)})
    assert _changes(EVERYTHING, replace(EVERYTHING, filters=lenient))


def _changes(rule: Rule, other: Rule) -> bool:
    """Whether it makes a difference to one basket in two dozen."""
    rng = random.Random(4)
    network = network_of_everything(rng, 60)
    baskets = [facts_of_everything(rng, network, 1 + number % 4, density=0.35) for number in range(24)]
    return any(minimum_cost(facts, rule) != minimum_cost(facts, other) for facts in baskets)
