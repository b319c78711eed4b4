from dataclasses import replace
from datetime import date
from decimal import Decimal

from oms.sourcing.facts import Facts
from oms.sourcing.rules import Filters
from tests.sourcing.builders import FREE, basket, line, parcels, point, reasons_of, rule, sourced

PER_DAY = replace(FREE, lateness_per_day=Decimal(2))
DEAR_HANDLING = replace(FREE, handling=Decimal(1), lateness_per_day=Decimal(2))


def three_points(**changes: object) -> Facts:
    """Delivered in one, two and three working days: on the 6th, 7th and 8th of March."""
    points = [
        point("one-day", 50, handling_cost=Decimal(9)),
        point("two-days", 300, handling_cost=Decimal(5)),
        point("three-days", 700, handling_cost=Decimal(4)),
    ]
    return basket(points, [line("X")], {p.code: {"X": 1} for p in points}, **changes)


def test_without_a_promise_lateness_counts_from_the_earliest_date() -> None:
    result = sourced(three_points(), rule(objectives=DEAR_HANDLING))
    assert parcels(result) == {"two-days": {"X": 1}}
    assert result.plan[0].costs["lateness_per_day"] == Decimal(2)
    assert result.total == Decimal(7)


def test_with_a_promise_lateness_counts_from_it() -> None:
    facts = three_points(promised_on=date(2025, 3, 8))
    result = sourced(facts, rule(objectives=DEAR_HANDLING))
    assert parcels(result) == {"three-days": {"X": 1}}
    assert result.total == Decimal(4)


def test_a_plan_later_than_the_promise_is_rejected() -> None:
    facts = three_points(promised_on=date(2025, 3, 6))
    result = sourced(facts, rule(objectives=FREE))
    assert reasons_of(result) == {"one-day": "cheapest", "two-days": "late", "three-days": "late"}


def test_late_days_are_tolerated() -> None:
    facts = three_points(promised_on=date(2025, 3, 6))
    result = sourced(facts, rule(objectives=replace(FREE, handling=Decimal(1)), late_days=1))
    assert reasons_of(result) == {"one-day": "dearer", "two-days": "cheapest", "three-days": "late"}


def test_a_promise_nobody_can_keep_any_more_is_replaced_by_the_best_date() -> None:
    facts = three_points(promised_on=date(2025, 3, 1))
    result = sourced(facts, rule(objectives=FREE))
    assert reasons_of(result) == {"one-day": "cheapest", "two-days": "late", "three-days": "late"}


def test_a_rule_waits_for_another_that_can_keep_the_promise() -> None:
    facts = three_points(promised_on=date(2025, 3, 6))
    slow = rule("slow", objectives=FREE, filters=Filters(stock_points=("three-days",)))
    fast = rule("fast", objectives=FREE)
    result = sourced(facts, slow, fast)
    assert (result.rule, parcels(result)) == ("fast", {"one-day": {"X": 1}})
    assert [(a.rule, a.outcome) for a in result.attempts] == [("slow", "no_candidate"), ("fast", "planned")]


def test_the_best_date_is_that_of_the_line_that_takes_longest() -> None:
    points = [point("near", 50), point("far", 700)]
    facts = basket(
        points,
        [line("X"), line("Y")],
        {"near": {"X": 1}, "far": {"X": 1, "Y": 1}},
        promised_on=date(2025, 3, 6),
    )
    result = sourced(facts, rule(objectives=PER_DAY))
    assert parcels(result) == {"far": {"X": 1, "Y": 1}}
    assert result.promised_on == date(2025, 3, 8)
