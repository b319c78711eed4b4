from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from oms.sourcing import reasons
from oms.sourcing.calendars import work_calendar
from oms.sourcing.facts import ChannelFacts, Destination, Exclusion, Facts
from oms.sourcing.house import HouseService
from oms.sourcing.rules import Filters
from tests.sourcing.builders import NOW, basket, line, parcels, point, reasons_of, rule, sourced

WEDNESDAY = date(2025, 3, 5)


def two_points(near: dict[str, Any] | None = None, **changes: Any) -> Facts:
    """`near` would win on cost; `far`, 200 km away, is what remains when it may not."""
    stock = {"near": {"A": 5}, "far": {"A": 5}}
    return basket([point("near", 10, **(near or {})), point("far", 200)], [line("A", 2)], stock, **changes)


def assert_near_rejected(facts: Facts, reason: str, **filters: Any) -> None:
    result = sourced(facts, rule(filters=Filters(**filters)))
    assert parcels(result) == {"far": {"A": 2}}
    assert reasons_of(result) == {"near": reason, "far": reasons.CHEAPEST}
    assert result.attempts[0].rejections == {reason: 1}


def test_without_a_filter_the_nearer_point_wins() -> None:
    result = sourced(two_points())
    assert parcels(result) == {"near": {"A": 2}}
    assert reasons_of(result) == {"near": reasons.CHEAPEST, "far": reasons.DEARER}


FILTERS = [
    ("kind", {"near": {"kind": "store"}}, {"kinds": ("warehouse",)}),
    ("group", {"near": {"groups": ("south",)}}, {"groups_any": ("north",)}),
    ("excluded_group", {"near": {"groups": ("north", "outlet")}}, {"exclude_groups": ("outlet",)}),
    ("stock_point", {}, {"stock_points": ("far", "elsewhere")}),
    ("excluded_stock_point", {}, {"exclude_stock_points": ("near",)}),
    ("banner", {"near": {"banner": "autre"}}, {"same_banner": True}),
    ("capacity_left", {"capacity_left": {"near": 4, "far": 5}}, {"min_capacity_left": 5}),
    (
        "closed_today",
        {"near": {"calendar": work_calendar({"thu": [["09:00", "18:00"]]})}},
        {"open_today": True},
    ),
    ("closed_today", {"near": {"calendar": work_calendar(closed_on=[WEDNESDAY])}}, {"open_today": True}),
]


@pytest.mark.parametrize(("reason", "situation", "filters"), FILTERS)
def test_a_filter_of_the_rule_leaves_the_other_point(
    reason: str, situation: dict[str, Any], filters: dict[str, Any]
) -> None:
    facts = two_points(**situation)
    if reason == "group":
        facts = with_groups(facts, "far", ("north",))
    if reason == "banner":
        facts = with_banner(facts, "far", "maison")
    assert parcels(sourced(facts)) == {"near": {"A": 2}}
    assert_near_rejected(facts, reason, **filters)


def with_groups(facts: Facts, code: str, groups: tuple[str, ...]) -> Facts:
    return with_point(facts, code, groups=groups)


def with_banner(facts: Facts, code: str, banner: str) -> Facts:
    return with_point(facts, code, banner=banner)


def with_point(facts: Facts, code: str, **changes: Any) -> Facts:
    points = tuple(replace(p, **changes) if p.code == code else p for p in facts.network.stock_points)
    return replace(facts, network=replace(facts.network, stock_points=points))


def test_within_km_rejects_what_is_farther_or_of_unknown_place() -> None:
    facts = basket(
        [point("at-99", 99), point("at-101", 101), point("nowhere", latitude=None, longitude=None)],
        [line("A")],
        {"at-99": {"A": 1}, "at-101": {"A": 1}, "nowhere": {"A": 1}},
    )
    result = sourced(facts, rule(filters=Filters(within_km=100)))
    assert reasons_of(result) == {"at-99": "cheapest", "at-101": "within_km", "nowhere": "within_km"}


def test_min_units_left_counts_what_would_remain_after_the_order() -> None:
    facts = basket([point("near", 10), point("far", 200)], [line("A", 2)], {"near": {"A": 4}, "far": {"A": 5}})
    result = sourced(facts, rule(filters=Filters(min_units_left=3)))
    assert parcels(result) == {"far": {"A": 2}}
    assert reasons_of(result)["near"] == "holds_a_part"
    stricter = sourced(facts, rule(filters=Filters(min_units_left=4)))
    assert reasons_of(stricter) == {"near": "units_left", "far": "no_plan"}
    assert stricter.outcome == "unfillable"


def test_destination_filters_speak_of_the_pickup_point() -> None:
    stock = {"shop": {"A": 1}, "depot": {"A": 1}}
    facts = basket([point("shop"), point("depot", 50)], [line("A")], stock, mode="ship_to_store", pickup_point="shop")
    only = sourced(facts, rule(filters=Filters(destination_only=True)))
    assert reasons_of(only) == {"shop": "cheapest", "depot": "not_the_destination"}
    without = sourced(facts, rule(filters=Filters(exclude_destination=True)))
    assert reasons_of(without) == {"shop": "is_the_destination", "depot": "cheapest"}


ALWAYS = [
    ("inactive", {"near": {"is_active": False}}),
    ("paused", {"near": {"paused_until": WEDNESDAY + timedelta(days=1)}}),
    ("not_in_channel", {"channel": ChannelFacts("web", "web", stock_points=("far", "gone"))}),
    ("declined", {"excluded": (Exclusion("near", "not_found"),)}),
    ("declined", {"excluded": (Exclusion("near", "not_found", lines=("A",)),)}),
    ("does_not_ship", {"near": {"ships_orders": False}}),
    ("capacity", {"capacity_left": {"near": 0}}),
    ("never_open", {"near": {"calendar": work_calendar({"mon": []})}}),
]


@pytest.mark.parametrize(("reason", "situation"), ALWAYS)
def test_some_points_serve_under_no_rule(reason: str, situation: dict[str, Any]) -> None:
    assert_near_rejected(two_points(**situation), reason)


def test_a_point_paused_until_today_serves_again() -> None:
    assert parcels(sourced(two_points(near={"paused_until": WEDNESDAY}))) == {"near": {"A": 2}}


def test_paused_is_read_in_the_points_own_zone() -> None:
    auckland = {"timezone": "Pacific/Auckland", "paused_until": date(2025, 3, 6)}
    late_evening = NOW.replace(hour=20)  # already the 6th in Auckland
    assert parcels(sourced(two_points(near=auckland, now=late_evening))) == {"near": {"A": 2}}
    assert reasons_of(sourced(two_points(near=auckland)))["near"] == "paused"


def test_a_point_that_declined_one_line_may_still_serve_another() -> None:
    stock = {"near": {"A": 1, "B": 1}, "far": {"A": 1, "B": 1}}
    facts = basket(
        [point("near", 10), point("far", 200)],
        [line("A"), line("B")],
        stock,
        excluded=(Exclusion("near", "damaged", lines=("A",)),),
        house=HouseService(fixed_per_parcel=Decimal("0.01")),
    )
    assert parcels(sourced(facts, rule(max_parcels=2))) == {"far": {"A": 1}, "near": {"B": 1}}


def test_stock_of_another_article_is_no_stock() -> None:
    facts = basket([point("near", 10), point("far", 200)], [line("A")], {"near": {"B": 9}, "far": {"A": 1}})
    assert reasons_of(sourced(facts)) == {"near": "no_stock", "far": "cheapest"}


def test_the_first_reason_in_the_order_of_tests_is_told() -> None:
    facts = two_points(near={"is_active": False, "kind": "store", "ships_orders": False})
    result = sourced(facts, rule(filters=Filters(kinds=("warehouse",))))
    assert reasons_of(result)["near"] == "inactive"


def test_an_unknown_destination_is_near_nothing() -> None:
    facts = two_points(destination=Destination(country="FR", timezone="Europe/Paris"))
    result = sourced(facts, rule(filters=Filters(within_km=10_000)))
    assert result.outcome == "unfillable"
    assert set(reasons_of(result).values()) == {"within_km"}
