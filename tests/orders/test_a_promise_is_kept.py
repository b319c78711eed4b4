"""An order with the token of a promise gets exactly what was promised, or is told what can be promised instead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oms.core import clock
from oms.orchestration.models import SourcingRun
from oms.orchestration.queries.runs import StoredRun
from orders.models import Order
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
    """A store in Paris is nearest to Lille, one in Lyon comes after it."""
    found = open_retailer()
    found.add_points(["paris"], **PARIS, cut_off="16:00")
    found.add_points(["lyon"], **LYON)
    found.add_articles(["shirt", "shoe"])
    found.report("receipt", {("shirt", "paris"): 2, ("shirt", "lyon"): 2, ("shoe", "paris"): 5, ("shoe", "lyon"): 5})
    return found


def promised(retailer: Retailer, lines: dict[str, int], *, mode: str = "home", **values: Any) -> Json:
    body = {"channel": "web", "lines": [{"sku": sku, "quantity": units} for sku, units in lines.items()]}
    quote = answered(retailer.api.post("/delivery-promises/", body | {"destination": LILLE} | values), 200)
    return next(option for option in quote["options"] if option["mode"] == mode)


def origins(order: Json) -> list[tuple[str, str, int]]:
    return sorted(
        (each["stock_point"], line["sku"], each["quantity"]) for line in order["lines"] for each in line["allocations"]
    )


def offered(option: Json) -> list[tuple[str, str, int]]:
    return sorted(
        (parcel["stock_point"], line["sku"], line["quantity"])
        for parcel in option["parcels"]
        for line in parcel["lines"]
    )


def test_the_order_has_the_origins_the_day_and_the_price_of_its_promise(retailer: Retailer) -> None:
    option = promised(retailer, {"shirt": 1, "shoe": 2})
    # By now another stock point would be cheaper for a new order.
    retailer.add_points(["lille"], latitude=50.63, longitude=3.06, postcode="59800")
    retailer.report("receipt", {("shirt", "lille"): 5, ("shoe", "lille"): 5})
    assert offered(promised(retailer, {"shirt": 1, "shoe": 2})) == [("lille", "shirt", 1), ("lille", "shoe", 2)]
    order = retailer.place({"shirt": 1, "shoe": 2}, promise_token=option["token"])
    assert origins(order) == offered(option) == [("paris", "shirt", 1), ("paris", "shoe", 2)]
    assert order["promise"]["promised_on"] == option["promised_on"]
    assert order["promise"]["promised_from"] == option["promised_from"]
    assert (order["shipping"], order["currency"]) == (option["price"], option["currency"])
    run = StoredRun(SourcingRun.objects.get(reference=order["number"]))
    assert run.is_repeated_identically()
    assert_invariants_hold()


def test_what_was_promised_and_is_taken_is_refused_with_the_best_new_promise(retailer: Retailer) -> None:
    option = promised(retailer, {"shirt": 2})
    retailer.place({"shirt": 1})
    body = retailer.order_body({"shirt": 2}, promise_token=option["token"])
    answer = retailer.api.post("/orders/", body)
    refusal = answered(answer, 409)
    assert refusal["code"] == "promise_taken"
    new = refusal["data"]["option"]
    assert (new["mode"], offered(new)) == ("home", [("lyon", "shirt", 2)])
    assert Order.objects.count() == 1
    order = answered(retailer.api.post("/orders/", body | {"promise_token": new["token"]}), 201)
    assert origins(order) == offered(new)


def test_an_expired_promise_is_refused_with_the_best_new_promise(retailer: Retailer, time: clock.SetClock) -> None:
    option = promised(retailer, {"shirt": 1})
    time.advance(timedelta(minutes=30))
    body = retailer.order_body({"shirt": 1}, promise_token=option["token"])
    refusal = answered(retailer.api.post("/orders/", body), 409)
    assert (refusal["code"], refusal["data"]["option"]["mode"]) == ("promise_expired", "home")
    assert (Order.objects.count(), retailer.levels("shirt")["shirt", "paris"]) == (0, (2, 0))


def test_a_promise_ends_with_its_cut_off(retailer: Retailer, time: clock.SetClock) -> None:
    time.move_to(datetime(2026, 5, 5, 13, 50, tzinfo=UTC))
    option = promised(retailer, {"shirt": 1})
    assert option["cut_off_at"] == "2026-05-05T14:00:00Z"
    time.move_to(datetime(2026, 5, 5, 14, 5, tzinfo=UTC))
    body = retailer.order_body({"shirt": 1}, promise_token=option["token"])
    refusal = answered(retailer.api.post("/orders/", body), 409)
    assert refusal["code"] == "promise_expired"
    assert refusal["data"]["option"]["promised_on"] >= option["promised_on"]


def test_a_stock_point_that_has_closed_since_breaks_the_promise(retailer: Retailer) -> None:
    option = promised(retailer, {"shirt": 1})
    retailer.api.put_rows("/stock-points/", [{"code": "paris", "is_active": False}])
    body = retailer.order_body({"shirt": 1}, promise_token=option["token"])
    refusal = answered(retailer.api.post("/orders/", body), 409)
    assert (refusal["code"], offered(refusal["data"]["option"])) == ("promise_taken", [("lyon", "shirt", 1)])


def test_the_same_order_sent_again_is_answered_though_its_promise_is_over(
    retailer: Retailer, time: clock.SetClock
) -> None:
    body = retailer.order_body({"shirt": 1}, promise_token=promised(retailer, {"shirt": 1})["token"])
    order = answered(retailer.api.post("/orders/", body), 201)
    time.advance(timedelta(hours=2))
    assert answered(retailer.api.post("/orders/", body), 200)["number"] == order["number"]


@pytest.mark.parametrize(
    ("lines", "values", "text"),
    [
        ({"shirt": 2}, {}, "another basket"),
        ({"shirt": 1}, {"mode": "express"}, "another way"),
        ({"shirt": 1}, {"shipping_price": "1.00"}, "another shipping price"),
    ],
)
def test_a_promise_made_for_something_else_is_refused(
    retailer: Retailer, lines: dict[str, int], values: Json, text: str
) -> None:
    token = promised(retailer, {"shirt": 1})["token"]
    body = retailer.order_body(lines, **values, promise_token=token)
    refusal = answered(retailer.api.post("/orders/", body), 422)
    assert refusal["code"] == "promise_mismatch"
    assert text in refusal["errors"]["promise_token"][0]
    assert Order.objects.count() == 0


def test_a_token_that_was_altered_is_refused(retailer: Retailer) -> None:
    token = promised(retailer, {"shirt": 1})["token"]
    body = retailer.order_body({"shirt": 1}, promise_token=token[:-1] + ("A" if token[-1] != "A" else "B"))
    assert answered(retailer.api.post("/orders/", body), 422)["code"] == "bad_promise_token"


def test_a_promise_of_pickup_is_kept(retailer: Retailer) -> None:
    option = promised(retailer, {"shirt": 1}, mode="pickup", pickup_point="lyon", destination=None)
    order = retailer.place({"shirt": 1}, mode="pickup", pickup_point="lyon", promise_token=option["token"])
    assert origins(order) == [("lyon", "shirt", 1)]
    assert order["promise"]["promised_on"] == option["promised_on"]
