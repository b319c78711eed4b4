from datetime import UTC, datetime
from typing import Any

import pytest

from oms.sourcing import source
from oms.sourcing.rules import Assignment, Filters, RuleCalendar, WhenNothingFits
from tests.sourcing.builders import basket, line, parcels, point, reasons_of, rule, rule_set, sourced

NETWORK = [point("shop", 10, kind="store"), point("depot", 300)]
STOCK = {"shop": {"X": 1}, "depot": {"X": 1}}


def outcomes(result: Any) -> list[tuple[str, str]]:
    return [(attempt.rule, attempt.outcome) for attempt in result.attempts]


def test_the_first_rule_that_plans_wins_over_a_cheaper_later_one() -> None:
    facts = basket(NETWORK, [line("X")], STOCK)
    result = sourced(facts, rule("depots", filters=Filters(kinds=("warehouse",))), rule("any"))
    assert (result.rule, parcels(result)) == ("depots", {"depot": {"X": 1}})
    assert outcomes(result) == [("depots", "planned"), ("any", "not_reached")]
    assert reasons_of(result) == {"shop": "kind", "depot": "cheapest"}


def test_the_next_rule_is_tried_when_one_finds_nothing() -> None:
    facts = basket(NETWORK, [line("X"), line("Y")], {"depot": {"X": 1}, "shop": {"X": 1, "Y": 1}})
    result = sourced(
        facts,
        rule("suppliers", filters=Filters(kinds=("supplier",))),
        rule("depots", filters=Filters(kinds=("warehouse",))),
        rule("shops"),
    )
    assert outcomes(result) == [("suppliers", "no_candidate"), ("depots", "incomplete"), ("shops", "planned")]
    assert result.attempts[0].rejections == {"kind": 2}
    assert reasons_of(result) == {"depot": "holds_a_part", "shop": "cheapest"}


def test_the_winning_rule_says_what_happens_next() -> None:
    facts = basket(NETWORK, [line("X")], STOCK)
    offering = rule("offer", assignment=Assignment("offer", 3), acceptance_minutes=120)
    result = source(facts, rule_set(offering, max_hops=2))
    assert (result.assignment, result.offer_candidates, result.acceptance_minutes) == ("offer", 3, 120)
    assert (result.rule_set, result.max_hops) == ("test", 2)


def test_when_no_rule_plans_the_rule_set_says_what_to_do() -> None:
    facts = basket(NETWORK, [line("X", 9)], STOCK)
    result = source(facts, rule_set(rule(), when_nothing_fits=WhenNothingFits("cancel", 3)))
    assert (result.outcome, result.rule, result.action, result.cancel_after_days) == ("unfillable", None, "cancel", 3)
    assert reasons_of(result) == {"shop": "no_plan", "depot": "no_plan"}
    assert [left.quantity for left in result.unplanned] == [9]


WEEKDAYS = RuleCalendar(weekdays=(1, 2, 3, 4, 5), start=8 * 60, end=18 * 60)


@pytest.mark.parametrize(
    ("now", "is_in_force"),
    [
        (datetime(2025, 3, 5, 6, 59, tzinfo=UTC), False),  # 07:59 in Paris
        (datetime(2025, 3, 5, 7, 0, tzinfo=UTC), True),
        (datetime(2025, 3, 5, 16, 59, 59, tzinfo=UTC), True),
        (datetime(2025, 3, 5, 17, 0, tzinfo=UTC), False),
        (datetime(2025, 3, 8, 12, 0, tzinfo=UTC), False),  # Saturday
        (datetime(2025, 7, 2, 6, 30, tzinfo=UTC), True),  # summer time
    ],
)
def test_a_rules_calendar_is_read_in_the_settings_zone(now: datetime, is_in_force: bool) -> None:
    facts = basket(NETWORK, [line("X")], STOCK, now=now)
    result = sourced(facts, rule("office hours", calendar=WEEKDAYS), rule("else"))
    assert outcomes(result)[0] == ("office hours", "planned" if is_in_force else "not_now")
    assert result.rule == ("office hours" if is_in_force else "else")


def test_with_every_rule_out_of_force_nothing_is_judged() -> None:
    facts = basket(NETWORK, [line("X")], STOCK, now=datetime(2025, 3, 8, 12, 0, tzinfo=UTC))
    result = sourced(facts, rule(calendar=WEEKDAYS))
    assert (result.outcome, tuple(result.candidates)) == ("unfillable", ())
