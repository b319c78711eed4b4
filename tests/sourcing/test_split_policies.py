from dataclasses import replace
from decimal import Decimal

import pytest

from oms.sourcing import DEFAULT_RULE_SET, source
from tests.sourcing.builders import ONLY_TRANSPORT, basket, line, parcels, point, rule, sourced

NETWORK = [point("near", 10), point("mid", 100), point("far", 300)]


def test_a_line_comes_whole_from_one_point_by_default() -> None:
    facts = basket(NETWORK, [line("X", 5)], {"near": {"X": 4}, "mid": {"X": 4}, "far": {"X": 5}})
    result = sourced(facts, rule(max_parcels=3))
    assert parcels(result) == {"far": {"X": 5}}


def test_without_splits_a_quantity_nobody_has_alone_is_unfillable() -> None:
    facts = basket(NETWORK, [line("X", 5)], {"near": {"X": 4}, "mid": {"X": 4}, "far": {"X": 4}})
    result = sourced(facts, rule(max_parcels=3))
    assert (result.outcome, result.plan) == ("unfillable", ())
    assert [(u.line, u.quantity) for u in result.unplanned] == [("X", 5)]


def test_with_splits_units_of_a_line_come_from_several_points() -> None:
    facts = basket(NETWORK, [line("X", 9)], {"near": {"X": 4}, "mid": {"X": 4}, "far": {"X": 4}})
    result = sourced(facts, rule(max_parcels=3, allow_quantity_split=True))
    assert parcels(result) == {"near": {"X": 4}, "mid": {"X": 4}, "far": {"X": 1}}
    assert result.gap == 0


def test_splits_are_kept_to_the_number_of_parcels() -> None:
    facts = basket(NETWORK, [line("X", 9)], {"near": {"X": 4}, "mid": {"X": 4}, "far": {"X": 4}})
    result = sourced(facts, rule(max_parcels=2, allow_quantity_split=True))
    assert result.outcome == "unfillable"
    assert result.attempts[0].outcome == "incomplete"


def test_max_parcels_chooses_the_single_point_over_two_cheaper_ones() -> None:
    stock = {"near": {"X": 1}, "mid": {"Y": 1}, "far": {"X": 1, "Y": 1}}
    heavy = [line("X", weight_g=30_000), line("Y", weight_g=30_000)]
    facts = basket(NETWORK, heavy, stock)
    assert set(parcels(sourced(facts, rule(max_parcels=2)))) == {"near", "mid"}
    assert set(parcels(sourced(facts, rule(max_parcels=1)))) == {"far"}


def test_two_lines_of_one_article_share_its_units() -> None:
    lines = [line("X", 2, key="1"), line("X", 2, key="2")]
    facts = basket(NETWORK, lines, {"near": {"X": 3}, "mid": {"X": 2}, "far": {"X": 4}})
    single = sourced(facts, rule(max_parcels=1))
    assert parcels(single) == {"far": {"1": 2, "2": 2}}
    cheap = replace(ONLY_TRANSPORT, transport=Decimal("0.01"))
    for splits in (False, True):
        plan = parcels(sourced(facts, rule(max_parcels=2, objectives=cheap, allow_quantity_split=splits)))
        for code, units in (("near", 3), ("mid", 2), ("far", 4)):
            assert sum(plan.get(code, {}).values()) <= units
        assert sum(sum(quantities.values()) for quantities in plan.values()) == 4


@pytest.mark.parametrize("quantity", [1, 7, 12])
def test_the_shipped_default_splits_over_as_many_points_as_it_takes(quantity: int) -> None:
    points = [point(f"P{number:02d}", 10 * number) for number in range(12)]
    facts = basket(points, [line("X", quantity)], {p.code: {"X": 1} for p in points})
    result = source(facts, DEFAULT_RULE_SET)
    assert parcels(result) == {p.code: {"X": 1} for p in points[:quantity]}
