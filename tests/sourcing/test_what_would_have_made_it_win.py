"""The smallest change in money that brings a stock point into the plan, proven by making that change."""

from dataclasses import replace
from decimal import Decimal

from oms.sourcing import source
from oms.sourcing.facts import Facts, Network
from oms.sourcing.house import HouseService
from oms.sourcing.rules import Objectives
from oms.sourcing.winning import money_to_win
from tests.sourcing.builders import FREE, basket, line, parcels, point, rule, rule_set

HANDLING: Objectives = replace(FREE, handling=Decimal(1))


def town(**costs: str) -> Facts:
    points = [point(code, handling_cost=Decimal(cost)) for code, cost in costs.items()]
    return basket(points, [line("X"), line("Y")], {code: {"X": 1, "Y": 1} for code in costs})


def cheaper(facts: Facts, code: str, by: Decimal) -> Facts:
    points = tuple(
        replace(each, handling_cost=each.handling_cost - by) if each.code == code else each
        for each in facts.network.stock_points
    )
    return replace(facts, network=Network(points))


def test_one_parcel_misses_by_the_difference() -> None:
    facts, rules = town(a="2.00", b="3.50"), rule_set(rule(objectives=HANDLING))
    assert money_to_win(facts, rules, ["a", "b"]) == {"a": Decimal(0), "b": Decimal("1.50")}
    assert parcels(source(cheaper(facts, "b", Decimal("1.49")), rules)) == {"a": {"X": 1, "Y": 1}}
    assert parcels(source(cheaper(facts, "b", Decimal("1.51")), rules)) == {"b": {"X": 1, "Y": 1}}


def test_a_point_that_holds_a_part_misses_by_the_plan_it_would_be_in() -> None:
    points = [
        point("all", handling_cost=Decimal(5)),
        point("x", handling_cost=Decimal(2)),
        point("y", handling_cost=Decimal(4)),
    ]
    facts = basket(points, [line("X"), line("Y")], {"all": {"X": 1, "Y": 1}, "x": {"X": 1}, "y": {"Y": 1}})
    two = rule_set(rule(objectives=HANDLING, max_parcels=2))
    # With `x` the least is x and y for 6: one more than `all` alone. `y` is in that same plan.
    assert money_to_win(facts, two, ["x", "y"]) == {"x": Decimal(1), "y": Decimal(1)}
    one = rule_set(rule(objectives=HANDLING))
    assert money_to_win(facts, one, ["x", "y"]) == {"x": None, "y": None}


def test_a_rule_set_that_does_not_learn_is_judged_by_what_was_configured() -> None:
    learned = {"500 km": {"far": 9, "near": 1}}
    points = [point("far", 300), point("near", 200)]
    stock = {"far": {"X": 1}, "near": {"X": 1}}
    facts = basket(points, [line("X")], stock, house=HouseService(learned_days=learned))
    late = rule(objectives=replace(FREE, transport=Decimal(1), lateness_per_day=Decimal(50)))
    with_learning, without = rule_set(late), rule_set(late, uses_learning=False)
    by_distance = Decimal("0.138")  # 100 km more at 0.0012 for each of 1.15 kg
    assert money_to_win(facts, without, ["far"])["far"] == by_distance
    assert money_to_win(facts, with_learning, ["far"])["far"] > 50


def test_what_a_filter_excludes_has_no_price() -> None:
    facts, rules = town(a="2.00", b="3.50"), rule_set(rule(objectives=HANDLING))
    away = replace(
        facts, network=Network(tuple(replace(p, is_active=p.code == "a") for p in facts.network.stock_points))
    )
    assert money_to_win(away, rules, ["a", "b"]) == {"a": Decimal(0)}
    nothing = replace(away, available={})
    assert money_to_win(nothing, rules, ["a"]) == {}
