"""Now what is ready and later the rest, all of it when complete, a part picked up: offered, and kept when ordered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from oms.core import clock
from orders.models import Fulfilment, Order
from tests.factories.retailer import LYON, PARIS, Json, Retailer, answered, open_retailer
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db

LILLE = {"country": "FR", "postcode": "59800"}


@pytest.fixture
def time() -> Iterator[clock.SetClock]:
    with clock.set_clock(datetime(2026, 5, 5, 8, tzinfo=UTC)) as set_clock:
        yield set_clock


@pytest.fixture
def retailer(time: clock.SetClock) -> Retailer:
    """Shirts in Paris and Lyon, shoes in Lyon only, hats expected in Lyon in a week."""
    found = open_retailer()
    found.add_points(["paris"], **PARIS)
    found.add_points(["lyon"], **LYON)
    found.add_articles(["shirt", "shoe", "hat"])
    found.report("receipt", {("shirt", "paris"): 4, ("shirt", "lyon"): 4, ("shoe", "lyon"): 4})
    return found


def awaiting(retailer: Retailer, **values: bool) -> None:
    retailer.api.put_rows("/sales-channels/", [{"code": "web", **values}])
    row = {"reference": "PO-1", "sku": "hat", "stock_point": "lyon", "quantity": 3, "expected_on": "2026-05-12"}
    retailer.api.put_rows("/expected-receipts/", [row | {"kind": "purchase"}])


def quoted(retailer: Retailer, lines: dict[str, int], **values: Any) -> Json:
    body = {"channel": "web", "lines": [{"sku": sku, "quantity": units} for sku, units in lines.items()]}
    quote: Json = answered(retailer.api.post("/delivery-promises/", body | {"destination": LILLE} | values), 200)
    return quote


def choice(quote: Json, name: str, mode: str = "home") -> Json:
    (found,) = [option for option in quote["options"] if (option["choice"], option["mode"]) == (name, mode)]
    return found


def names(quote: Json, mode: str = "home") -> set[str]:
    return {option["choice"] for option in quote["options"] if option["mode"] == mode}


def origins(option: Json) -> list[tuple[str, str, int]]:
    return sorted(
        (parcel["stock_point"], line["sku"], line["quantity"])
        for parcel in option["parcels"]
        if parcel["available_on"] is None
        for line in parcel["lines"]
    )


def reserved(order: Json) -> list[tuple[str, str, int]]:
    return sorted(
        (each["stock_point"], line["sku"], each["quantity"])
        for line in order["lines"]
        for each in line["allocations"]
        if each["stock_point"]
    )


def test_a_split_plan_is_offered_in_one_parcel_too(retailer: Retailer) -> None:
    retailer.api.put(
        "/rule-sets/near/",
        {"code": "near", "name": "Near", "rules": [{"name": "nearest", "max_parcels": 3,
         "objectives": {"transport": "0", "handling": "0", "carbon_per_kg": "100", "lateness_per_day": "0"}}]},
    )  # fmt: skip
    answered(retailer.api.post("/rule-sets/near/publish/", {}), 200)
    retailer.api.put_rows("/variants/", [{"sku": "shirt", "weight_g": 20000}])
    quote = quoted(retailer, {"shirt": 1, "shoe": 1})
    whole, together = choice(quote, "whole"), choice(quote, "together")
    assert origins(whole) == [("lyon", "shoe", 1), ("paris", "shirt", 1)]
    assert origins(together) == [("lyon", "shirt", 1), ("lyon", "shoe", 1)]
    assert (whole["is_split"], together["is_split"]) == (True, False)
    order = retailer.place({"shirt": 1, "shoe": 1}, promise_token=together["token"])
    assert reserved(order) == origins(together)
    assert order["promise"]["promised_on"] == together["promised_on"]
    assert names(quoted(retailer, {"shirt": 1})) == {"whole"}  # nothing to choose
    assert_invariants_hold()


def test_what_lies_in_the_shop_is_picked_up_and_the_rest_is_sent(retailer: Retailer) -> None:
    quote = quoted(retailer, {"shirt": 1, "shoe": 1}, pickup_point="paris")
    assert names(quote, "pickup") == set()  # there are no shoes in Paris
    option = choice(quote, "part_pickup")
    assert {(parcel["mode"], parcel["stock_point"]) for parcel in option["parcels"]} == {
        ("home", "lyon"),
        ("pickup", "paris"),
    }
    lines = [
        {"sku": "shirt", "quantity": 1, "mode": "pickup", "pickup_point": "paris"},
        {"sku": "shoe", "quantity": 1},
    ]
    body = retailer.order_body({}, promise_token=option["token"]) | {"lines": lines}
    order = answered(retailer.api.post("/orders/", body), 201)
    assert reserved(order) == origins(option) == [("lyon", "shoe", 1), ("paris", "shirt", 1)]
    assert (order["shipping"], order["promise"]["promised_on"]) == (option["price"], option["promised_on"])
    sent = retailer.order_body({"shirt": 1, "shoe": 1}, promise_token=option["token"])
    refusal = answered(retailer.api.post("/orders/", sent), 422)
    assert refusal["errors"]["promise_token"] == ["It was made for another way to receive the goods."]
    assert_invariants_hold()


def test_now_what_is_there_and_later_the_rest(retailer: Retailer) -> None:
    before = quoted(retailer, {"shirt": 1, "hat": 2})
    assert names(before) == {"whole"}  # the channel does not sell what has still to come
    awaiting(retailer, allows_preorders=True)
    quote = quoted(retailer, {"shirt": 1, "hat": 2})
    assert quote["unavailable"] == [{"sku": "hat", "quantity": 2, "next_available_on": "2026-05-12"}]
    option = choice(quote, "now_and_later")
    now, later = option["parcels"]
    assert (now["stock_point"], now["available_on"]) == ("paris", None)
    assert (later["stock_point"], later["lines"]) == ("lyon", [{"sku": "hat", "quantity": 2}])
    assert later["available_on"] == "2026-05-12" < later["ships_on"] < later["promised_on"] == option["promised_on"]
    order = retailer.place({"shirt": 1, "hat": 2}, promise_token=option["token"])
    assert reserved(order) == origins(option) == [("paris", "shirt", 1)]
    hats = next(line for line in order["lines"] if line["sku"] == "hat")
    assert [(each["state"], each["quantity"]) for each in hats["allocations"]] == [("backordered", 2)]
    promise = order["promise"]
    assert (promise["promised_from"], promise["promised_on"]) == (option["promised_from"], option["promised_on"])
    assert order["shipping"] == option["price"]
    retailer.drain()
    assert [work.stock_point.code for work in Fulfilment.objects.all()] == ["paris"]
    assert_invariants_hold()


def test_everything_in_one_go_when_complete(retailer: Retailer, time: clock.SetClock) -> None:
    awaiting(retailer, allows_backorders=True)
    option = choice(quoted(retailer, {"shirt": 1, "hat": 2}), "when_complete")
    assert min(parcel["ships_on"] for parcel in option["parcels"]) > "2026-05-12"
    order = retailer.place({"shirt": 1, "hat": 2}, promise_token=option["token"])
    assert reserved(order) == [("paris", "shirt", 1)]
    assert order["promise"]["promised_on"] == option["promised_on"]
    placed = Order.objects.get()
    assert (placed.consolidate, placed.promised_on.isoformat()) == (True, option["promised_on"])
    retailer.drain()
    assert Fulfilment.objects.count() == 0  # nothing leaves before the hats have come
    assert_invariants_hold()


def test_what_is_only_expected_is_promised_for_later(retailer: Retailer) -> None:
    awaiting(retailer, allows_preorders=True)
    quote = quoted(retailer, {"hat": 1})
    assert names(quote) == {"now_and_later"}
    option = choice(quote, "now_and_later")
    order = retailer.place({"hat": 1}, promise_token=option["token"])
    assert (reserved(order), order["promise"]["promised_on"]) == ([], option["promised_on"])
    assert names(quoted(retailer, {"hat": 3})) == set()  # two are left to come


def test_a_promise_of_what_is_expected_is_refused_once_others_have_it(retailer: Retailer) -> None:
    awaiting(retailer, allows_preorders=True)
    option = choice(quoted(retailer, {"hat": 3}), "now_and_later")
    retailer.place({"hat": 1}, promise_token=choice(quoted(retailer, {"hat": 1}), "now_and_later")["token"])
    refusal = answered(
        retailer.api.post("/orders/", retailer.order_body({"hat": 3}, promise_token=option["token"])), 409
    )
    assert (refusal["code"], refusal["data"]["option"]) == ("promise_taken", None)
    row = {"reference": "PO-2", "sku": "hat", "stock_point": "lyon", "quantity": 9, "expected_on": "2026-06-01"}
    retailer.api.put_rows("/expected-receipts/", [row | {"kind": "purchase"}])
    refusal = answered(
        retailer.api.post("/orders/", retailer.order_body({"hat": 3}, promise_token=option["token"])), 409
    )
    new = refusal["data"]["option"]
    assert (new["choice"], new["promised_on"] > "2026-06-01") == ("now_and_later", True)
    assert Order.objects.count() == 1
    assert_invariants_hold()
