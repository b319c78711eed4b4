from dataclasses import replace
from decimal import Decimal

from oms.sourcing import source
from oms.sourcing.rules import WhenNothingFits
from tests.sourcing.builders import basket, line, parcels, point, rule, rule_set, sourced

NETWORK = [point("near", 10), point("mid", 100), point("far", 300)]
PART = rule(complete_only=False)


def test_complete_only_refuses_a_part() -> None:
    facts = basket(NETWORK, [line("X"), line("Y")], {"near": {"X": 1}, "mid": {"Y": 1}})
    assert sourced(facts, rule()).outcome == "unfillable"
    assert parcels(sourced(facts, PART)) == {"near": {"X": 1}}


def test_the_most_units_come_before_the_least_cost() -> None:
    facts = basket(NETWORK, [line("X"), line("Y", 3)], {"near": {"X": 1}, "far": {"Y": 3}})
    result = sourced(facts, PART)
    assert parcels(result) == {"far": {"Y": 3}}
    assert [(left.line, left.quantity) for left in result.unplanned] == [("X", 1)]


def test_among_plans_of_as_many_units_the_cheapest_is_taken() -> None:
    stock = {"near": {"X": 2}, "mid": {"Y": 2}, "far": {"X": 2, "Z": 1}}
    facts = basket(NETWORK, [line("X", 2), line("Y", 2), line("Z", 2)], stock)
    assert parcels(sourced(facts, PART)) == {"near": {"X": 2}}


def test_without_splits_a_line_is_served_whole_or_not_at_all() -> None:
    facts = basket(NETWORK, [line("X", 5), line("Y")], {"near": {"X": 4, "Y": 1}})
    assert parcels(sourced(facts, PART)) == {"near": {"Y": 1}}


def test_with_splits_a_part_of_a_line_is_served() -> None:
    facts = basket(NETWORK, [line("X", 5), line("Y")], {"near": {"X": 4, "Y": 1}})
    split = replace(PART, allow_quantity_split=True)
    result = sourced(facts, split)
    assert parcels(result) == {"near": {"X": 4, "Y": 1}}
    assert [(left.line, left.sku, left.quantity) for left in result.unplanned] == [("X", "X", 1)]


def test_what_is_left_is_for_the_action_of_the_rule_set() -> None:
    facts = basket(NETWORK, [line("X"), line("Y")], {"near": {"X": 1}})
    result = source(facts, rule_set(PART, when_nothing_fits=WhenNothingFits("backorder", 9)))
    assert (result.outcome, result.action, result.cancel_after_days) == ("planned", "backorder", 9)
    complete = basket(NETWORK, [line("X")], {"near": {"X": 1}})
    result = source(complete, rule_set(PART, when_nothing_fits=WhenNothingFits("backorder", 9)))
    assert (result.outcome, result.action, result.cancel_after_days) == ("planned", None, None)


def test_a_complete_plan_is_preferred_whatever_it_costs() -> None:
    stock = {"near": {"X": 1}, "far": {"X": 1, "Y": 1}}
    facts = basket(NETWORK, [line("X"), line("Y")], stock)
    assert parcels(sourced(facts, PART)) == {"far": {"X": 1, "Y": 1}}


def test_with_nothing_at_all_even_a_partial_rule_is_unfillable() -> None:
    result = sourced(basket(NETWORK, [line("X")], {}), PART)
    assert (result.outcome, result.action, result.total) == ("unfillable", "queue", Decimal(0))
