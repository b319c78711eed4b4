"""By how much each stock point missed the filter that excluded it, beside what the filter wanted."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from oms.sourcing import reasons, source
from oms.sourcing.explaining import LANGUAGES, found, wanted
from oms.sourcing.facts import Facts
from oms.sourcing.misses import Miss, misses
from oms.sourcing.rules import Filters, RuleCalendar
from tests.sourcing.builders import NOW, basket, line, point, reasons_of, rule, rule_set


def town(**changes: Any) -> Facts:
    """`near` is good for everything; `far` has 2 units, which last 28 days, 412 km away."""
    points = [point("far", 412), point("near", 10), point("nowhere", latitude=None, longitude=None)]
    stock = {"far": {"X": 2}, "near": {"X": 9}, "nowhere": {"X": 9}}
    return basket(points, [line("X")], stock, recent_sales={"X": {"far": 2}}, **changes)


def missed(facts: Facts, *rules: Any) -> dict[str, Miss]:
    decided_by = rule_set(*rules)
    result = source(facts, decided_by)
    told = misses(facts, decided_by, result)
    with_figures = {reasons.WITHIN_KM, reasons.CAPACITY_LEFT, reasons.UNITS_LEFT, reasons.COVER, reasons.LATE}
    assert {code: each.reason for code, each in told.items()} == {
        code: reason for code, reason in reasons_of(result).items() if reason in with_figures
    }
    return told


def test_kilometres_beside_the_most_the_rule_takes() -> None:
    told = missed(town(), rule(filters=Filters(within_km=300)))
    assert told["far"].wanted == 300
    assert told["far"].found == pytest.approx(412, abs=0.1)
    assert told["nowhere"].found is None
    assert (wanted(told["far"]), found(told["far"]), found(told["nowhere"])) == (
        "at most 300 km",
        "412 km",
        "its place is not known",
    )
    assert found(told["nowhere"], "fr") == "sa position est inconnue"


def test_units_beside_those_that_must_stay() -> None:
    told = missed(town(), rule(filters=Filters(min_units_left=3)))
    assert told == {"far": Miss(reasons.UNITS_LEFT, 2, 3)}
    assert (wanted(told["far"], "fr"), found(told["far"], "fr")) == ("il doit en rester 3", "il en a 2")


def test_days_of_cover_beside_those_wanted_whatever_other_articles_it_lacks() -> None:
    facts = town()
    two = replace(facts, lines=(*facts.lines, line("Y")), available={**facts.available, "Y": {"near": 1}})
    told = missed(two, rule(filters=Filters(min_cover_days=60)))
    assert told == {"far": Miss(reasons.COVER, 28.0, 60)}


def test_capacity_beside_what_the_rule_wants_left() -> None:
    told = missed(town(capacity_left={"far": 4}), rule(filters=Filters(min_capacity_left=5)))
    assert told == {"far": Miss(reasons.CAPACITY_LEFT, 4, 5)}


def test_the_day_beside_the_last_one_tolerated() -> None:
    today = NOW.date()
    facts = town(promised_on=today + timedelta(days=1))
    told = missed(facts, rule())
    assert told["far"] == Miss(reasons.LATE, date(2025, 3, 7), date(2025, 3, 6))
    assert (wanted(told["far"]), found(told["far"])) == ("by 2025-03-06", "2025-03-07")


def test_the_rule_that_decided_is_told_of_else_the_last_that_was_tried() -> None:
    close, closer = rule("close", filters=Filters(within_km=300)), rule("closer", filters=Filters(within_km=1))
    assert missed(town(), closer, close)["far"].wanted == 300
    assert missed(town(), close, closer)["far"].wanted == 300
    never = rule("never", filters=Filters(within_km=2), calendar=RuleCalendar(weekdays=(7,)))
    assert missed(town(), closer, never)["far"].wanted == 1
    assert missed(town(), never) == {}


def test_what_the_rule_does_not_ask_has_no_figure() -> None:
    assert missed(town(), rule(filters=Filters(kinds=("store",)))) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_small_distances_keep_a_decimal(language: str) -> None:
    miss = Miss(reasons.WITHIN_KM, 0.84, 0.5)
    assert found(miss, language) == "0.8 km"
    assert "0.5 km" in wanted(miss, language)
