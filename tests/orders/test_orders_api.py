"""`/orders/`, sentence by sentence of the contract."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.core import clock
from oms.core.services.relaying import drain_events
from orders.models import Order
from orders.queries.tracking_links import tracking_url
from tests.factories.clients import Api, api_client
from tests.factories.network import lille, make_channel, unique
from tests.orders.conftest import Shop
from tests.stock.making import figures, receive
from tests.support.holding import assert_invariants_hold


@pytest.fixture
def api(db: None) -> Api:
    return api_client("orders:read", "orders:write")


def body_for(shop: Shop, **values: Any) -> dict[str, Any]:
    given = {
        "channel": shop.channel.code,
        "external_reference": unique("web"),
        "mode": "home",
        "customer": {"name": "Camille Martin", "email": "camille@example.org", "phone": "03 20 00 00 00"},
        "shipping_address": {**lille(), "latitude": 50.64, "longitude": 3.06},
        "lines": [{"sku": shop.skus[0], "quantity": 2}],
        "payments": [{"gateway": "simulated", "method": "card", "token": "tok_visa"}],
    }
    return given | values


def test_placing_answers_201_with_the_order(shop: Shop, api: Api) -> None:
    body = body_for(shop, shipping_price="4.90")
    response = api.post("/orders/", body)
    assert response.status_code == 201
    told = response.json()
    order = Order.objects.get()
    (line,), promise = told.pop("lines"), told.pop("promise")
    assert line == the_line(shop, order)
    assert promise == the_promise(on=promise["promised_on"], co2e_g=promise["co2e_g"])
    assert {name: told[name] for name in told if name not in ("number", "placed_at")} == {
        "state": "confirmed",
        "external_reference": body["external_reference"],
        "channel": shop.channel.code,
        "mode": "home",
        "pay_by": None,
        "is_on_hold": False,
        "needs_attention": "",
        "customer": {**body["customer"], "class": ""},
        "tags": [],
        "shipping_address": body["shipping_address"],
        "billing_address": None,
        "pickup_point": None,
        "selling_stock_point": None,
        "expected_on": None,
        "payments": [the_payment(told["payments"][0]["id"])],
        "subtotal": "20.00",
        "shipping": "4.90",
        "tax": "4.15",
        "total": "24.90",
        "currency": "EUR",
        "tracking_url": tracking_url(order.number),
    }
    assert_invariants_hold()


def the_line(shop: Shop, order: Order) -> dict[str, Any]:
    return {
        "id": order.lines.get().pk,
        "sku": shop.skus[0],
        "quantity": 2,
        "cancelled": 0,
        "returned": 0,
        "backordered": 0,
        "unit_price": "10.00",
        "discount": "0.00",
        "total": "20.00",
        "mode": "home",
        "pickup_point": None,
        "allocations": [
            {
                "stock_point": shop.near.code,
                "quantity": 2,
                "state": "reserved",
                "promised_on": str(order.promised_on),
                "expected_on": None,
            }
        ],
    }


def the_promise(*, on: str, co2e_g: int) -> dict[str, Any]:
    return {
        "mode": "home",
        "service": "house",
        "promised_from": on,
        "promised_on": on,
        "price": "4.90",
        "currency": "EUR",
        "co2e_g": co2e_g,
        "is_split": False,
        "degraded": False,
    }


def the_payment(payment_id: int) -> dict[str, Any]:
    return {
        "id": payment_id,
        "gateway": "simulated",
        "method": "card",
        "amount": "24.90",
        "captured": "0.00",
        "refunded": "0.00",
        "currency": "EUR",
        "state": "authorised",
    }


def test_a_back_ordered_slice_has_no_stock_point(shop: Shop, api: Api) -> None:
    shop.channel.allows_backorders = True
    shop.channel.save()
    order = api.post("/orders/", body_for(shop, lines=[{"sku": shop.skus[0], "quantity": 12}])).json()
    (line,) = order["lines"]
    assert (line["quantity"], line["backordered"], line["cancelled"]) == (12, 2, 0)
    never_promised = {"promised_on": None, "expected_on": None}
    assert {"stock_point": None, "quantity": 2, "state": "backordered"} | never_promised in line["allocations"]


def test_a_repeat_answers_200_and_other_content_409(shop: Shop, api: Api) -> None:
    body = body_for(shop)
    first = api.post("/orders/", body)
    again = api.post("/orders/", body)
    assert (again.status_code, again.json()["number"]) == (200, first.json()["number"])
    other = api.post("/orders/", body | {"lines": [{"sku": shop.skus[0], "quantity": 3}]})
    assert (other.status_code, other.json()["code"]) == (409, "duplicate_reference")
    assert other.json()["data"] == {"number": first.json()["number"]}


def test_too_little_stock_is_409_with_each_short_line(shop: Shop, api: Api) -> None:
    lines = [{"sku": shop.skus[0], "quantity": 11}, {"sku": shop.skus[1], "quantity": 1}]
    response = api.post("/orders/", body_for(shop, lines=lines))
    assert (response.status_code, response.json()["code"]) == (409, "insufficient_stock")
    assert response.json()["data"] == {"lines": [{"sku": shop.skus[0], "requested": 11, "available": 10}]}
    assert Order.objects.count() == 0


def test_a_refused_card_is_402_and_another_may_follow(shop: Shop, api: Api) -> None:
    body = body_for(shop, lines=[{"sku": shop.skus[0], "quantity": 10}])
    refused = api.post("/orders/", body | {"payments": [{"gateway": "simulated", "method": "card", "token": "refuse"}]})
    assert (refused.status_code, refused.json()["code"]) == (402, "payment_refused")
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)
    assert api.get("/orders/", external_reference=body["external_reference"]).json()["results"] == []
    placed = api.post("/orders/", body)
    assert (placed.status_code, placed.json()["state"]) == (201, "confirmed")
    (found,) = api.get("/orders/", external_reference=body["external_reference"]).json()["results"]
    assert found["number"] == placed.json()["number"]


@pytest.mark.parametrize("token", ["unknown", "timeout"])
def test_an_unknown_outcome_is_201_pending_payment_with_its_hour(shop: Shop, api: Api, token: str) -> None:
    body = body_for(shop, payments=[{"gateway": "simulated", "method": "card", "token": token}])
    response = api.post("/orders/", body)
    assert (response.status_code, response.json()["state"]) == (201, "pending_payment")
    assert response.json()["pay_by"] > response.json()["placed_at"]
    drain_events()
    assert api.get(f"/orders/{response.json()['number']}/").json()["state"] == "in_progress"


def test_without_payments_it_waits_except_where_it_was_paid_elsewhere(shop: Shop, api: Api) -> None:
    receive(shop.variants[0], shop.store, 2)
    body = body_for(shop, payments=[])
    assert api.post("/orders/", body).json()["state"] == "pending_payment"
    marketplace = make_channel(kind="marketplace")
    paid = body_for(shop, payments=[], channel=marketplace.code)
    assert api.post("/orders/", paid).json()["state"] == "confirmed"
    kept = body_for(shop, payments=[], mode="e_reservation", pickup_point=shop.store.code, shipping_address=None)
    assert api.post("/orders/", kept).json()["state"] == "confirmed"


@pytest.mark.parametrize(
    ("changes", "status", "code", "path"),
    [
        ({"lines": [{"sku": "nobody-knows", "quantity": 1}]}, 422, "unknown_sku", ["lines", "0", "sku"]),
        ({"channel": "nobody-knows"}, 422, "unknown_channel", ["channel"]),
        (
            {"shipping_address": {"city": "Lille", "country": "FR", "postcode": "59800"}},
            422,
            "bad_address",
            ["shipping_address", "line1"],
        ),
        (
            {"shipping_address": {"line1": "1 rue", "country": "FR", "postcode": "59800"}},
            422,
            "bad_address",
            ["shipping_address", "city"],
        ),
        (
            {"shipping_address": {"line1": "1 rue", "city": "Lille", "postcode": "59800"}},
            422,
            "bad_address",
            ["shipping_address", "country"],
        ),
        (
            {"shipping_address": {"line1": "1 rue", "city": "Lille", "country": "FR", "postcode": "5980"}},
            422,
            "bad_address",
            ["shipping_address", "postcode"],
        ),
        ({"payments": [{"gateway": "simulated", "method": "card", "amount": "19.99"}]}, 422, "wrong_total", []),
        ({"promise_token": "abc"}, 422, "bad_promise_token", ["promise_token"]),
        ({"shipping_address": None}, 422, "invalid", ["shipping_address"]),
        ({"mode": "pickup"}, 422, "invalid", ["pickup_point"]),
        ({"mode": "pickup", "pickup_point": "nowhere"}, 422, "unknown_stock_point", ["stock_points"]),
        ({"mode": "carry_out"}, 422, "invalid", ["selling_stock_point"]),
        ({"mode": "relay"}, 422, "invalid", ["relay_point"]),
        ({"mode": "slot"}, 422, "invalid", ["slot"]),
        ({"mode": "teleport"}, 422, "invalid", ["mode"]),
        ({"lines": []}, 422, "invalid", ["lines"]),
        ({"lines": [{"sku": "x", "quantity": 0}]}, 422, "invalid", ["lines"]),
        ({"unheard_of": 1}, 422, "invalid", ["unheard_of"]),
        ({"payments": [{"gateway": "nobody", "method": "card"}]}, 422, "invalid", ["payments"]),
        (
            {"payments": [{"gateway": "simulated", "method": "card", "token": "4242 4242 4242 4242"}]},
            422,
            "invalid",
            ["payments"],
        ),
        ({"payments": [{"gateway": "simulated", "method": "card", "amount": "-1"}]}, 422, "invalid", ["payments"]),
    ],
)
def test_what_cannot_be_ordered_says_why(
    shop: Shop, api: Api, changes: dict[str, Any], status: int, code: str, path: list[str]
) -> None:
    response = api.post("/orders/", body_for(shop) | changes)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code), problem
    errors = problem.get("errors", {})
    for step in path:
        assert step in errors, problem
        errors = errors[step]
    assert Order.objects.count() == 0
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)


def test_an_inactive_article_is_unknown(shop: Shop, api: Api) -> None:
    shop.variants[0].is_active = False
    shop.variants[0].save()
    assert api.post("/orders/", body_for(shop)).json()["code"] == "unknown_sku"


def test_an_article_priced_in_another_currency_needs_a_price(shop: Shop, api: Api) -> None:
    shop.variants[0].currency = "GBP"
    shop.variants[0].save()
    assert api.post("/orders/", body_for(shop)).status_code == 422
    priced = body_for(shop, lines=[{"sku": shop.skus[0], "quantity": 1, "unit_price": "8.00"}])
    assert api.post("/orders/", priced).json()["total"] == "8.00"


def test_an_order_has_its_timeline(shop: Shop, api: Api) -> None:
    number = api.post("/orders/", body_for(shop)).json()["number"]
    order = api.get(f"/orders/{number}/").json()
    assert [entry["event"] for entry in order["timeline"]] == ["order.placed", "order.confirmed"]
    assert order["timeline"][0]["actor"].startswith("client:")
    read_aloud = number.lower()[:5] + "-" + number.lower()[5:]
    assert api.get(f"/orders/{read_aloud}/").json()["number"] == number


def test_the_list_is_filtered(shop: Shop, api: Api) -> None:
    other = make_channel()
    with clock.set_clock(clock.now() - timedelta(days=2)):
        old = api.post("/orders/", body_for(shop)).json()["number"]
    new = api.post("/orders/", body_for(shop, external_reference="web-77")).json()["number"]
    waiting = api.post("/orders/", body_for(shop, channel=other.code, payments=[])).json()["number"]

    def numbers(**filters: str) -> list[str]:
        return [row["number"] for row in api.get("/orders/", **filters).json()["results"]]

    assert numbers() == [waiting, new, old]
    assert numbers(channel=other.code) == [waiting]
    assert numbers(state="confirmed") == [new, old]
    assert numbers(external_reference="web-77") == [new]
    assert numbers(since=(clock.now() - timedelta(days=1)).isoformat()) == [waiting, new]


def test_moves_answer_with_the_order(shop: Shop, api: Api) -> None:
    number = api.post("/orders/", body_for(shop, lines=[{"sku": shop.skus[0], "quantity": 3}])).json()["number"]
    held = api.post(f"/orders/{number}/hold/", {"reason": "please check"})
    assert (held.status_code, held.json()["is_on_hold"]) == (200, True)
    twice = api.post(f"/orders/{number}/hold/", {})
    assert (twice.status_code, twice.json()["code"], twice.json()["data"]["state"]) == (
        409,
        "state_conflict",
        "confirmed",
    )
    assert api.post(f"/orders/{number}/release/").json()["is_on_hold"] is False
    line = api.get(f"/orders/{number}/").json()["lines"][0]
    less = api.post(f"/orders/{number}/lines/{line['id']}/cancel/", {"quantity": 1})
    assert (less.status_code, less.json()["lines"][0]["cancelled"]) == (200, 1)
    moved = api.post(
        f"/orders/{number}/change-address/",
        {"shipping_address": {"line1": "1 quai", "postcode": "13002", "city": "Marseille", "country": "FR"}},
    )
    assert (moved.status_code, moved.json()["shipping_address"]["city"]) == (200, "Marseille")
    faster = api.post(f"/orders/{number}/change-mode/", {"mode": "express"})
    assert (faster.status_code, faster.json()["mode"]) == (200, "express")
    assert api.post(f"/orders/{number}/reroute/").status_code == 200
    cancelled = api.post(f"/orders/{number}/cancel/")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)
    late = api.post(f"/orders/{number}/cancel/")
    assert (late.status_code, late.json()["data"]) == (409, {"state": "cancelled"})
    assert_invariants_hold()


def test_the_runs_tell_each_candidate_and_why(shop: Shop, api: Api) -> None:
    number = api.post("/orders/", body_for(shop)).json()["number"]
    drain_events()
    placed, sourced = api.get(f"/orders/{number}/sourcing-runs/").json()
    assert (placed["trigger"], placed["outcome"]) == ("placed", "planned")
    assert (sourced["trigger"], sourced["outcome"]) == ("sourced", "kept")
    told = {candidate["stock_point"]: (candidate["outcome"], candidate["reason"]) for candidate in placed["candidates"]}
    assert told[shop.near.code] == ("chosen", "cheapest")
    assert told[shop.far.code] == ("eligible", "dearer")
    assert told[shop.store.code] == ("rejected", "no_stock")
    assert placed["plan"] == [
        {"stock_point": shop.near.code, "service": "house", "lines": [{"sku": shop.skus[0], "quantity": 2}]}
    ]


def test_a_key_bound_to_a_channel_sees_and_places_there_only(shop: Shop, api: Api) -> None:
    other = make_channel()
    bound = api_client("orders:read", "orders:write", channels=[other])
    number = api.post("/orders/", body_for(shop)).json()["number"]
    assert bound.get(f"/orders/{number}/").status_code == 404
    assert bound.post(f"/orders/{number}/cancel/").status_code == 404
    assert bound.get("/orders/").json()["results"] == []
    refused = bound.post("/orders/", body_for(shop))
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_channel")
    own = bound.post("/orders/", body_for(shop, channel=other.code)).json()["number"]
    assert [row["number"] for row in bound.get("/orders/").json()["results"]] == [own]


def test_scopes_are_needed(shop: Shop, api: Api) -> None:
    reader, writer = api_client("orders:read"), api_client("orders:write")
    assert reader.post("/orders/", body_for(shop)).status_code == 403
    assert writer.get("/orders/").status_code == 403
    assert Api(None).get("/orders/").status_code == 401


def test_an_idempotency_key_replays_the_answer(shop: Shop, api: Api) -> None:
    body = body_for(shop)
    first = api.post("/orders/", body, idempotency_key="k-1")
    again = api.post("/orders/", body, idempotency_key="k-1")
    assert (again.status_code, again["Idempotent-Replayed"], again.content) == (201, "true", first.content)
    other = api.post("/orders/", body_for(shop), idempotency_key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("wrong", [{"city": None}, {"postcode": None}, {"line1": None}, {"country": "FRA"}])
def test_an_address_that_cannot_be_delivered_to_is_a_bad_address(
    shop: Shop, api: Api, wrong: dict[str, str | None]
) -> None:
    response = api.post("/orders/", body_for(shop, shipping_address={**lille(), **wrong}))
    assert (response.status_code, response.json()["code"]) == (422, "bad_address")
    assert list(response.json()["errors"]["shipping_address"]) == list(wrong)


def test_what_is_optional_may_be_null(shop: Shop, api: Api) -> None:
    customer = {"name": "Camille Martin", "email": None, "phone": None}
    body = body_for(shop, shipping_address={**lille(), "line2": None}, customer=customer)
    response = api.post("/orders/", body)
    assert response.status_code == 201
    assert not response.json()["shipping_address"].get("line2")
    assert response.json()["customer"] == {"name": "Camille Martin", "email": "", "phone": "", "class": ""}


def test_a_store_sees_and_cancels_the_order_it_has_just_placed(shop: Shop) -> None:
    receive(shop.variants[0], shop.store, 1)
    store = api_client("orders:read", "orders:write", stock_points=[shop.store])
    line = {"sku": shop.skus[0], "quantity": 1, "mode": "pickup", "pickup_point": shop.store.code}
    placed = store.post("/orders/", body_for(shop, lines=[line]))
    assert placed.status_code == 201
    number = placed.json()["number"]
    assert store.get(f"/orders/{number}/").status_code == 200
    elsewhere = api_client("orders:read", stock_points=[shop.far])
    assert elsewhere.get(f"/orders/{number}/").status_code == 404
    assert store.post(f"/orders/{number}/cancel/", {}).json()["state"] == "cancelled"
