import random
from dataclasses import replace
from decimal import Decimal

import pytest

from benchmarks.sourcing_cases import random_facts, random_network, random_rule, rule_set_of
from oms.sourcing import source
from oms.sourcing.facts import Facts, Network
from tests.sourcing.builders import FREE, basket, line, parcels, point, rule, sourced


def shuffled(facts: Facts, rng: random.Random) -> Facts:
    """The same facts with every collection in another order."""

    def mixed(values: dict) -> dict:
        return dict(rng.sample(sorted(values.items()), len(values)))

    points = rng.sample(facts.network.stock_points, len(facts.network.stock_points))
    return replace(
        facts,
        network=Network(stock_points=tuple(points), house=facts.network.house),
        lines=tuple(rng.sample(facts.lines, len(facts.lines))),
        available=mixed({sku: mixed(dict(units)) for sku, units in facts.available.items()}),
    )


@pytest.mark.parametrize("splits", [False, True])
def test_the_order_of_the_input_changes_nothing(splits: bool) -> None:
    rng = random.Random(7)
    for _ in range(25):
        facts = random_facts(rng, random_network(rng, 30), rng.randint(1, 8), density=0.5)
        rule_set = rule_set_of(random_rule(rng, splits=splits))
        first = source(facts, rule_set)
        assert source(facts, rule_set) == first
        assert source(shuffled(facts, rng), rule_set) == first


@pytest.mark.parametrize("splits", [False, True])
@pytest.mark.parametrize("lines", [1, 3, 12])
def test_among_equals_the_smallest_codes_win(lines: int, splits: bool) -> None:
    rng = random.Random(lines)
    codes = ["d", "b", "c", "a"]
    wanted = [line(f"S{number:02d}", 2) for number in range(lines)]
    stock = {code: {demand.sku: 2 for demand in wanted} for code in codes}
    for _ in range(5):
        rng.shuffle(codes)
        facts = basket([point(code, 10) for code in codes], wanted, stock)
        result = sourced(facts, rule(max_parcels=3, allow_quantity_split=splits))
        assert set(parcels(result)) == {"a"}


@pytest.mark.parametrize("splits", [False, True])
def test_among_equals_the_fewest_parcels_win(splits: bool) -> None:
    stock = {"a": {"X": 2}, "b": {"Y": 2}, "c": {"X": 2, "Y": 2}}
    facts = basket([point(code) for code in stock], [line("X", 2), line("Y", 2)], stock)
    result = sourced(facts, rule(max_parcels=3, objectives=FREE, allow_quantity_split=splits))
    assert set(parcels(result)) == {"c"}


def test_ties_go_by_the_parcel_of_the_first_line() -> None:
    stock = {"a": {"Y": 1}, "b": {"X": 1}, "c": {"X": 1}, "d": {"Y": 1}}
    facts = basket([point(code) for code in stock], [line("X"), line("Y")], stock)
    result = sourced(facts, rule(max_parcels=2, objectives=FREE))
    assert parcels(result) == {"a": {"Y": 1}, "b": {"X": 1}}


def test_then_the_larger_first_parcel_wins() -> None:
    stock = {"a": {"X": 1, "Y": 1}, "b": {"Y": 1, "Z": 1}}
    facts = basket([point("a"), point("b")], [line("X"), line("Y"), line("Z")], stock)
    result = sourced(facts, rule(max_parcels=2, objectives=FREE))
    assert parcels(result) == {"a": {"X": 1, "Y": 1}, "b": {"Z": 1}}


def test_a_difference_of_a_thousandth_of_a_cent_is_no_tie() -> None:
    points = [point("a", handling_cost=Decimal("1.00001")), point("b", handling_cost=Decimal("1.00000"))]
    facts = basket(points, [line("X")], {"a": {"X": 1}, "b": {"X": 1}})
    result = sourced(facts, rule(objectives=replace(FREE, handling=Decimal(1))))
    assert parcels(result) == {"b": {"X": 1}}
