"""A rule set may be for a class of customers, for orders the channel marked, or for a time of ordering."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oms.core import clock
from oms.core.services.relaying import drain_events
from oms.orchestration.services.rule_sets import publish, save_draft
from orders.models import Order
from orders.services.recalling import reroute_order
from tests.factories.clients import Api, api_client
from tests.orders.conftest import Shop
from tests.orders.making import place, slices
from tests.orders.test_orders_api import body_for

FRIDAY_NIGHT = datetime(2026, 11, 27, 22, 30, tzinfo=UTC)


@pytest.fixture
def api(db: None) -> Api:
    return api_client("orders:read", "orders:write", "stock:read")


def far_only(shop: Shop, **conditions: Any) -> None:
    document = {"name": "far", "priority": 1, "applies_to": conditions}
    save_draft(
        code="far",
        document={**document, "rules": [{"name": "far", "filters": {"stock_points": [shop.far.code]}, "late_days": 9}]},
    )
    publish(code="far")


def origin(answer: dict[str, Any]) -> str:
    return answer["lines"][0]["allocations"][0]["stock_point"]


def test_the_class_of_the_customer(shop: Shop, api: Api) -> None:
    far_only(shop, customer_classes=["gold"])
    gold = api.post("/orders/", body_for(shop, customer={"name": "Camille Martin", "class": "gold"})).json()
    assert (origin(gold), gold["customer"]["class"]) == (shop.far.code, "gold")
    anybody = api.post("/orders/", body_for(shop)).json()
    assert (origin(anybody), anybody["customer"]["class"]) == (shop.near.code, "")


def test_what_the_channel_marked_the_order_with(shop: Shop, api: Api) -> None:
    far_only(shop, tags_any=["gift"])
    gift = api.post("/orders/", body_for(shop, tags=["gift", "gift", "rush"])).json()
    assert (origin(gift), gift["tags"]) == (shop.far.code, ["gift", "rush"])
    assert origin(api.post("/orders/", body_for(shop, tags=["rush"])).json()) == shop.near.code


def test_a_promise_is_made_by_the_same_rules(shop: Shop, api: Api) -> None:
    far_only(shop, customer_classes=["gold"], tags_any=["gift"])
    asked = {
        "channel": shop.channel.code,
        "destination": {"country": "FR", "postcode": "59800", "latitude": 50.64, "longitude": 3.06},
        "lines": [{"sku": shop.skus[0], "quantity": 1}],
    }
    for told, expected in (({}, shop.near), ({"customer_class": "gold", "tags": ["gift"]}, shop.far)):
        options = api.post("/delivery-promises/", {**asked, **told}).json()["options"]
        assert {parcel["stock_point"] for option in options for parcel in option["parcels"]} == {expected.code}


def test_the_moment_it_was_ordered_even_when_it_is_sourced_later(shop: Shop) -> None:
    far_only(shop, ordered={"weekdays": [5], "from": "20:00", "first_day": "2026-11-27", "last_day": "2026-11-27"})
    with clock.set_clock(FRIDAY_NIGHT) as moment:
        order = place(shop.channel, {shop.skus[0]: 1})
        assert {row[1] for row in slices(order)} == {shop.far.code}
        moment.advance(timedelta(days=1))
        drain_events()
        reroute_order(order_id=order.pk)
        drain_events()
        assert {row[1] for row in slices(order)} == {shop.far.code}
        assert {row[1] for row in slices(place(shop.channel, {shop.skus[0]: 1}))} == {shop.near.code}
    assert Order.objects.filter(state="in_progress").count() == 1
