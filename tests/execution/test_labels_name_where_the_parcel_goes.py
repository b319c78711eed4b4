"""What the carrier is asked: countries without postcodes, relay points, and the day as the stock point sees it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

from orders.models import Order
from orders.services.labelling import _recipient, _stock_point_address


def order(**values: Any) -> Order:
    address = {"line1": "1 Nathan Road", "city": "Hong Kong", "country": "HK"}
    given = {
        "number": "H1",
        "customer_name": "Camille",
        "customer_phone": "",
        "relay_point": "",
        "shipping_address": address,
        "pickup_point": None,
    }
    return cast(Order, SimpleNamespace(**given | values))


def test_a_country_without_postcodes_can_be_labelled() -> None:
    recipient = _recipient(order(), None)
    assert (recipient.line1, recipient.postcode, recipient.country) == ("1 Nathan Road", "", "HK")


def test_a_relay_parcel_goes_to_its_relay_point_and_not_home() -> None:
    address = {"line1": "1 rue Haute", "line2": "étage 2", "postcode": "59800", "city": "Lille", "country": "FR"}
    recipient = _recipient(order(relay_point="RELAY-42", shipping_address=address), None)
    assert (recipient.line1, recipient.line2, recipient.city) == ("RELAY-42", "", "Lille")


def test_the_day_is_the_stock_points_own() -> None:
    from stock.models import StockPoint

    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert StockPoint(timezone="Europe/Paris").local_day(late) == date(2026, 11, 23)


def test_the_hours_are_told_on_the_clocks_they_were_chosen_by() -> None:
    begins, ends = datetime(2026, 7, 2, 10, tzinfo=UTC), datetime(2026, 7, 2, 12, tzinfo=UTC)
    slot = Order(slot_from=begins, slot_to=ends).slot
    assert slot is not None
    assert [f"{each:%H:%M}" for each in slot] == ["12:00", "14:00"]
    assert Order().slot is None


def test_a_stock_point_is_named_with_its_street_and_town_where_they_are_known() -> None:
    from stock.models import StockPoint

    known = _stock_point_address(StockPoint(code="LILLE", name="Lille", line1="2 rue Basse", city="Lille"))
    assert (known.line1, known.city) == ("2 rue Basse", "Lille")
    assert _stock_point_address(StockPoint(code="LILLE", name="Lille")).line1 == "LILLE"
    shop = StockPoint(code="LYON", name="Lyon Bellecour", line1="3 place Bellecour", city="Lyon", postcode="69002")
    to_collect = _recipient(order(), shop)
    assert (to_collect.line1, to_collect.line2, to_collect.city) == ("Lyon Bellecour", "3 place Bellecour", "Lyon")
