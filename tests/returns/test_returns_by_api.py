"""`/returns/`, sentence by sentence of the contract."""

from __future__ import annotations

from typing import Any

import pytest

from returns.models import Return, ReturnPolicy, ReturnReason
from stock.models import Banner, StockPoint
from tests.factories.clients import api_client
from tests.factories.retailer import answered
from tests.returns.conftest import Counter


def test_a_receipt_is_the_number_printed_on_it_or_the_channels_reference(counter: Counter) -> None:
    order = counter.sold({"shirt": 2})
    for receipt in (order["number"].lower(), order["external_reference"]):
        body = counter.body(order, {"shirt": 1})
        del body["order"]
        assert answered(counter.api.post("/returns/", body | {"receipt": receipt}), 201)["order"] == order["number"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"order": "H0"}, 404, "unknown_order"),
        ({"order": ""}, 422, "invalid"),
        ({"receipt": "both"}, 422, "invalid"),
        ({"way": "pigeon"}, 422, "invalid"),
        ({"lines": []}, 422, "invalid"),
        ({"stock_point": "nowhere"}, 422, "unknown_stock_point"),
        ({"surprise": 1}, 422, "invalid"),
    ],
)
def test_what_cannot_be_is_refused(counter: Counter, change: dict[str, Any], status: int, code: str) -> None:
    answer = counter.api.post("/returns/", counter.body(counter.sold()) | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Return.objects.count() == 0


def test_the_same_key_is_one_return(counter: Counter) -> None:
    body = counter.body(counter.sold({"shirt": 2}), {"shirt": 1})
    first = counter.api.post("/returns/", body, idempotency_key="till-1")
    second = counter.api.post("/returns/", body, idempotency_key="till-1")
    assert (first.status_code, second.status_code, second.headers["Idempotent-Replayed"]) == (201, 201, "true")
    assert first.json() == second.json()
    assert Return.objects.count() == 1


def test_a_point_that_takes_no_returns_says_so(counter: Counter) -> None:
    StockPoint.objects.filter(code="paris").update(accepts_returns=False)
    answer = counter.api.post("/returns/", counter.body(counter.sold()))
    assert (answer.status_code, answer.json()["code"]) == (422, "returns_not_accepted")


def test_reading_needs_either_scope(counter: Counter) -> None:
    returned = counter.ask(counter.sold())
    for scope, status in (("orders:read", 200), ("returns:write", 200), ("orders:write", 403)):
        assert api_client(scope).get(f"/returns/{returned['number']}/").status_code == status


def test_received_twice_alike_it_is_once_and_otherwise_refused(counter: Counter) -> None:
    returned = counter.received(counter.sold())
    body = {"stock_point": "paris", "lines": [{"sku": "shirt", "quantity": 1}]}
    assert counter.move(returned, "receive", body)["state"] == "received"
    assert counter.level("shirt", "paris") == (5, 0, 1)
    assert counter.refused(returned, "receive", body | {"stock_point": "lyon"}, status=409)["code"] == "state_conflict"


def test_more_than_was_asked_is_not_received(counter: Counter) -> None:
    returned = counter.ask(counter.sold())
    for line in ({"sku": "shirt", "quantity": 2}, {"sku": "cap", "quantity": 1}):
        refusal = counter.refused(returned, "receive", {"lines": [line]}, status=422)
        assert refusal["code"] == "quantity_mismatch"
    assert counter.level("shirt", "paris") == (4, 0, 0)


def test_what_was_received_cannot_be_wished_away(counter: Counter) -> None:
    returned = counter.received(counter.sold())
    for move in ("cancel", "reject", "authorise"):
        refusal = counter.refused(returned, move, status=409)
        assert (refusal["code"], refusal["data"]) == ("state_conflict", {"state": "received"})


def test_the_reasons_are_those_of_the_banner_in_the_readers_language(counter: Counter) -> None:
    shipped = counter.api.get("/return-reasons/", channel="web").json()
    assert [shipped[0]["code"], shipped[0]["label"]] == ["too_small", "Too small"]
    policy = ReturnPolicy.objects.create(banner=Banner.objects.get(code="maison"))
    ReturnReason.objects.create(policy=policy, code="no-love", labels={"en": "No love", "fr": "Pas d’amour"})
    assert counter.api.get("/return-reasons/", channel="web").json() == [
        {"code": "no-love", "label": "No love", "is_retailers_fault": False}
    ]
    # A banner that wrote its own takes only these.
    answer = counter.api.post("/returns/", counter.body(counter.sold()))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_reason")
    assert answer.json()["data"] == {"reasons": ["no-love"]}


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_many(counter: Counter, django_assert_num_queries: Any, count: int) -> None:
    for _ in range(count):
        counter.move(counter.inspected(counter.sold()), "refund")
    with django_assert_num_queries(6):
        found = answered(counter.api.get("/returns/", state="settled", stock_point="paris"), 200)["results"]
    assert len(found) == count
