"""Each slice of an order tells the days of its own, as the document says."""

from __future__ import annotations

from datetime import date

from django.test import Client

from orders.models import Allocation, Order
from tests.factories.clients import api_client
from tests.orders.conftest import Shop
from tests.orders.test_orders_api import body_for


def test_each_slice_tells_its_own_days(shop: Shop) -> None:
    api = api_client("orders:read", "orders:write")
    lines = [{"sku": sku, "quantity": 1} for sku in shop.skus[:2]]
    number = api.post("/orders/", body_for(shop, lines=lines)).json()["number"]
    first = Allocation.objects.get(line__order__number=number, line__sku=shop.skus[0])
    Allocation.objects.filter(pk=first.pk).update(promised_on=date(2026, 5, 7), expected_on=date(2026, 5, 9))
    told = [line["allocations"][0] for line in api.get(f"/orders/{number}/").json()["lines"]]
    of_order = str(Order.objects.get(number=number).promised_on)
    assert [(each["promised_on"], each["expected_on"]) for each in told] == [
        ("2026-05-07", "2026-05-09"),
        (of_order, None),
    ]
    schema = Client().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    assert told[0].keys() == schema["components"]["schemas"]["AllocationDocument"]["properties"].keys()
