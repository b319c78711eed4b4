"""What the carrier is asked: countries without postcodes, relay points, and the day as the stock point sees it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

from orders.models import Order
from orders.services.labelling import _recipient


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
