"""Without a known order: into stock first, matched later, refunded only then."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection

from returns.models import Return
from returns.services.ending import close_unmatched
from stock.models import StockPoint
from tests.factories.clients import api_client
from tests.factories.retailer import Json, answered
from tests.returns.conftest import Counter
from tests.support.holding import assert_invariants_hold


def brought(counter: Counter, units: int = 1, **values: object) -> Json:
    lines = [{"sku": "shirt", "quantity": units, "reason": "other"}]
    body = {"way": "blind", "stock_point": "paris", "lines": lines} | values
    return answered(counter.api.post("/returns/", body), 201)


def test_it_is_received_by_being_told(counter: Counter) -> None:
    returned = brought(counter)
    assert (returned["state"], returned["order"]) == ("received_unmatched", None)
    assert counter.level("shirt", "paris") == (6, 0, 1)
    # Who tells the receipt nevertheless tells nothing new.
    body = {"stock_point": "paris", "lines": [{"sku": "shirt", "quantity": 1}]}
    assert counter.move(returned, "receive", body)["state"] == "received_unmatched"
    assert counter.level("shirt", "paris") == (6, 0, 1)
    assert_invariants_hold()


@pytest.mark.parametrize("first", ["inspect", "match"])
def test_looked_at_and_matched_in_either_order(counter: Counter, first: str) -> None:
    order, returned = counter.sold(), brought(counter)
    assert counter.refused(returned, "refund", status=409)["code"] == "state_conflict"
    for step in ("inspect", "match") if first == "inspect" else ("match", "inspect"):
        if step == "inspect":
            returned = counter.inspect(returned, ("shirt", 1, "new"))
        else:
            returned = counter.move(returned, "match", {"order": order["number"]})
    assert (returned["state"], returned["order"]) == ("inspected", order["number"])
    assert counter.level("shirt", "paris") == (5, 0, 0)
    assert counter.move(returned, "refund")["refund_amount"] == "10.00"
    assert counter.refunded(order) == ["10.00"]
    assert_invariants_hold()


def test_it_is_matched_by_receipt_and_matched_once(counter: Counter) -> None:
    order, other = counter.sold(), counter.sold()
    returned = counter.move(brought(counter), "match", {"order": order["external_reference"]})
    assert counter.move(returned, "match", {"order": order["number"]})["state"] == "received"
    assert counter.refused(returned, "match", {"order": other["number"]}, status=409)["code"] == "state_conflict"


def test_an_order_that_cannot_give_it_is_refused(counter: Counter) -> None:
    returned = brought(counter, units=2)
    assert counter.refused(returned, "match", {"order": "H0"}, status=404)["code"] == "unknown_order"
    refusal = counter.refused(returned, "match", {"order": counter.sold()["number"]}, status=409)
    assert refusal["code"] == "not_returnable"
    refusal = counter.refused(returned, "match", {"order": counter.sold({"cap": 2})["number"]}, status=422)
    assert refusal["code"] == "unknown_sku"
    assert counter.read(returned)["state"] == "received_unmatched"


def test_a_key_of_one_store_need_not_say_where(counter: Counter) -> None:
    till = api_client("returns:write", stock_points=[StockPoint.objects.get(code="paris")])
    body = {"way": "blind", "lines": [{"sku": "shirt", "quantity": 1, "reason": "other"}]}
    assert answered(till.post("/returns/", body), 201)["stock_point"] == "paris"
    refusal = answered(counter.api.post("/returns/", body), 422)
    assert list(refusal["errors"]) == ["stock_point"]


def test_never_matched_it_is_closed_without_money(counter: Counter) -> None:
    returned = brought(counter)
    close_unmatched(return_id=Return.objects.get().pk)
    assert counter.read(returned)["state"] == "closed"
    assert counter.refused(returned, "cancel", status=409)["code"] == "state_conflict"
    assert_invariants_hold()


def test_the_database_settles_nothing_without_an_order(counter: Counter) -> None:
    brought(counter)
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE returns_return SET state = 'inspected'")
