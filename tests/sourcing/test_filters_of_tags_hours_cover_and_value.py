from datetime import UTC, datetime
from decimal import Decimal

from oms.sourcing.calendars import work_calendar
from oms.sourcing.rules import Filters
from tests.sourcing.builders import basket, line, parcels, point, reasons_of, rule, sourced

STOCK = {"a": {"X": 4}, "b": {"X": 4}, "c": {"X": 4}}


def test_tags_let_in_and_keep_out() -> None:
    points = [point("a", tags=("franchise", "flagship")), point("b", tags=("franchise",)), point("c")]
    facts = basket(points, [line("X")], STOCK)
    one_of = sourced(facts, rule(filters=Filters(tags_any=("flagship", "other"))))
    assert parcels(one_of) == {"a": {"X": 1}}
    assert reasons_of(one_of) == {"a": "cheapest", "b": "tag", "c": "tag"}
    none_of = sourced(facts, rule(filters=Filters(exclude_tags=("franchise",))))
    assert parcels(none_of) == {"c": {"X": 1}}
    assert reasons_of(none_of)["a"] == "excluded_tag"


def test_open_now_is_asked_of_the_clock_where_the_stock_point_stands() -> None:
    hours = work_calendar({"wed": [["10:00", "12:00"], ["14:00", "19:00"]]})
    points = [point("a", calendar=hours), point("b", calendar=hours, timezone="Europe/Lisbon"), point("c")]
    only_open = rule(filters=Filters(open_now=True))

    def closed_at(hour: int, minute: int) -> set[str]:
        now = datetime(2025, 3, 5, hour, minute, tzinfo=UTC)
        found = reasons_of(sourced(basket(points, [line("X")], STOCK, now=now), only_open))
        return {code for code, reason in found.items() if reason == "closed_now"}

    # 10:30 in Paris is 09:30 in Lisbon; at noon in Paris the doors have just closed.
    assert closed_at(9, 30) == {"b"}
    assert closed_at(11, 0) == {"a"}
    assert closed_at(10, 59) == set()


def test_cover_counts_only_stock_that_lasts() -> None:
    points = [point("a"), point("b"), point("c")]
    facts = basket(points, [line("X")], STOCK, recent_sales={"X": {"a": 28, "b": 4}})
    slow = sourced(facts, rule(filters=Filters(min_cover_days=28)))
    # Four days of stock at `a`, four weeks at `b`, and nothing was sold at `c`.
    assert reasons_of(slow) == {"a": "cover", "b": "cheapest", "c": "dearer"}


def test_an_order_worth_less_than_the_value_is_not_split() -> None:
    points = [point("a"), point("b")]
    stock = {"a": {"X": 1}, "b": {"Y": 1}}
    wanted = rule(max_parcels=3, no_split_below=Decimal(50))

    def outcome(value: str) -> str:
        facts = basket(points, [line("X"), line("Y")], stock, order_value=Decimal(value))
        return sourced(facts, wanted).outcome

    assert outcome("49.99") == "unfillable"
    assert outcome("50.00") == "planned"
