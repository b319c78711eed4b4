from datetime import date, datetime
from decimal import Decimal

import pytest

from oms.sourcing.calendars import work_calendar
from oms.sourcing.facts import Facts
from oms.sourcing.rules import Filters
from tests.sourcing.builders import NOW, basket, line, parcels, point, reasons_of, rule, sourced

SHOP_HOURS = {day: [["10:00", "19:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}


def shops(mode: str, **changes: object) -> Facts:
    points = [
        point("shop", 0, kind="store", ships_orders=False, handling_cost=Decimal("0.70")),
        point("depot", 50, handling_cost=Decimal("0.70")),
        point("closed-shop", 5, kind="store", ships_orders=False, offers_pickup=False, offers_reservation=False),
    ]
    stock = {"shop": {"A": 1}, "depot": {"A": 1}, "closed-shop": {"A": 1}}
    return basket(points, [line("A")], stock, mode=mode, **changes)


@pytest.mark.parametrize("mode", ["home", "express", "slot", "relay"])
def test_delivery_comes_from_points_that_ship(mode: str) -> None:
    result = sourced(shops(mode))
    assert parcels(result) == {"depot": {"A": 1}}
    assert reasons_of(result) == {
        "depot": "cheapest",
        "shop": "does_not_ship",
        "closed-shop": "does_not_ship",
    }


@pytest.mark.parametrize("mode", ["pickup", "e_reservation"])
def test_collection_uses_the_pickup_points_own_stock_at_no_transport_cost(mode: str) -> None:
    result = sourced(shops(mode, pickup_point="shop", destination=None))
    assert parcels(result) == {"shop": {"A": 1}}
    (parcel,) = result.plan
    assert (parcel.costs["transport"], parcel.distance_km, parcel.co2e_g) == (Decimal(0), 0.0, 0)
    assert reasons_of(result)["depot"] == "not_the_pickup_point"


@pytest.mark.parametrize(("mode", "reason"), [("pickup", "no_pickup"), ("e_reservation", "no_reservation")])
def test_a_point_without_the_service_serves_no_collection(mode: str, reason: str) -> None:
    result = sourced(shops(mode, pickup_point="closed-shop"))
    assert result.outcome == "unfillable"
    assert reasons_of(result) == {
        "closed-shop": reason,
        "depot": "not_the_pickup_point",
        "shop": "not_the_pickup_point",
    }


def test_ship_to_store_travels_to_the_pickup_point_unless_the_goods_are_there() -> None:
    facts = shops("ship_to_store", pickup_point="shop", destination=None)
    assert parcels(sourced(facts)) == {"shop": {"A": 1}}
    empty_shop = basket(
        list(facts.network.stock_points),
        [line("A")],
        {"depot": {"A": 1}},
        mode="ship_to_store",
        pickup_point="shop",
    )
    (parcel,) = sourced(empty_shop).plan
    assert parcel.stock_point == "depot"
    assert parcel.distance_km == pytest.approx(50, abs=0.01)
    assert parcel.costs["transport"] > 0


def test_ship_to_store_arrives_on_a_day_the_store_is_open() -> None:
    points = [
        point("shop", calendar=work_calendar({**SHOP_HOURS, "thu": []}), ships_orders=False),
        point("depot", 50),
    ]
    facts = basket(points, [line("A")], {"depot": {"A": 1}}, mode="ship_to_store", pickup_point="shop")
    (parcel,) = sourced(facts).plan
    assert (parcel.ships_on, parcel.promised_on) == (date(2025, 3, 5), date(2025, 3, 7))


@pytest.mark.parametrize("pickup_point", ["closed-shop", "unknown", None])
def test_ship_to_store_needs_a_point_that_offers_pickup(pickup_point: str | None) -> None:
    result = sourced(shops("ship_to_store", pickup_point=pickup_point))
    assert result.outcome == "unfillable"
    assert reasons_of(result)["depot"] == "no_pickup"


def test_ship_to_store_needs_an_active_pickup_point() -> None:
    points = [point("shop", is_active=False), point("depot", 50)]
    facts = basket(points, [line("A")], {"depot": {"A": 1}}, mode="ship_to_store", pickup_point="shop")
    assert reasons_of(sourced(facts)) == {"depot": "no_pickup", "shop": "inactive"}


def test_goods_that_lie_at_the_pickup_point_travel_nowhere_even_if_its_place_is_unknown() -> None:
    shop = point("shop", latitude=None, longitude=None)
    facts = basket([shop], [line("A")], {"shop": {"A": 1}}, mode="pickup", pickup_point="shop")
    result = sourced(facts, rule(filters=Filters(within_km=1)))
    assert (parcels(result), result.plan[0].distance_km) == ({"shop": {"A": 1}}, 0.0)


def test_carry_out_takes_the_selling_points_own_stock_now() -> None:
    points = [
        point("shop", paused_until=date(2026, 1, 1), calendar=work_calendar({"mon": [["10:00", "19:00"]]})),
        point("depot", 50),
    ]
    stock = {"shop": {"A": 1}, "depot": {"A": 1}}
    facts = basket(points, [line("A")], stock, mode="carry_out", selling_point="shop", capacity_left={"shop": 0})
    result = sourced(facts)
    (parcel,) = result.plan
    assert parcel.stock_point == "shop"
    assert (parcel.ready_at, parcel.ships_on, parcel.promised_on) == (NOW, date(2025, 3, 5), date(2025, 3, 5))
    assert reasons_of(result)["depot"] == "not_the_selling_point"


def test_pickup_is_ready_when_the_store_has_prepared_it() -> None:
    shop = point("shop", calendar=work_calendar(SHOP_HOURS), preparation_minutes=120)
    at_18_30 = datetime(2025, 3, 8, 17, 30, tzinfo=NOW.tzinfo)  # Saturday, half an hour before closing
    facts = basket([shop], [line("A")], {"shop": {"A": 1}}, mode="pickup", pickup_point="shop", now=at_18_30)
    (parcel,) = sourced(facts).plan
    assert parcel.ready_at == datetime(2025, 3, 10, 10, 30, tzinfo=NOW.tzinfo)
    assert parcel.promised_on == date(2025, 3, 10)


def test_express_is_faster_and_dearer_than_home() -> None:
    facts = basket([point("depot", 400)], [line("A")], {"depot": {"A": 1}})
    home, express = (sourced(_in_mode(facts, mode)).plan[0] for mode in ("home", "express"))
    assert (home.promised_on, express.promised_on) == (date(2025, 3, 7), date(2025, 3, 6))
    assert express.cost == home.cost * Decimal("1.8")


def _in_mode(facts: Facts, mode: str) -> Facts:
    return basket(list(facts.network.stock_points), list(facts.lines), {"depot": {"A": 1}}, mode=mode)
