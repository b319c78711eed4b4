"""`PUT /expected-receipts/`, and what `GET /availability/` says of the future."""

from datetime import timedelta

import pytest

from oms.core import clock
from oms.core.today import today as the_day_it_is
from stock.models import ExpectedReceipt
from tests.stock.calling import Caller
from tests.stock.making import make_channel, make_point, make_variant, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp():
    make_channel("web"), make_point("PARIS"), make_point("LYON")
    make_variant("SHIRT")
    return Caller()


def day(days: int) -> str:
    return (the_day_it_is() + timedelta(days=days)).isoformat()


def row(**values):
    return {
        "reference": "PO-7",
        "sku": "SHIRT",
        "stock_point": "PARIS",
        "quantity": 10,
        "expected_on": day(5),
        "kind": "purchase",
        **values,
    }


def item(erp, **query):
    status, body = erp.get("/availability/", channel="web", sku="SHIRT", **query)
    assert status == 200, body
    (found,) = body["items"]
    return found["available"], found["future"]


def test_rows_are_created_changed_and_left_alone(erp):
    rows = [row(), row(stock_point="LYON")]
    assert erp.put("/expected-receipts/", rows)[1] == {"created": 2, "updated": 0, "unchanged": 0, "errors": []}
    rows = [row(quantity=12), row(stock_point="LYON")]
    assert erp.put("/expected-receipts/", rows)[1] == {"created": 0, "updated": 1, "unchanged": 1, "errors": []}
    assert sorted(ExpectedReceipt.objects.values_list("stock_point__code", "quantity")) == [("LYON", 10), ("PARIS", 12)]


def test_what_cannot_be_is_refused_row_by_row(erp):
    rows = [
        row(sku="HAT"),
        row(stock_point="ROME"),
        row(quantity=-1),
        row(kind="gift"),
        row(reference="PO#7"),
        {"reference": "PO-8", "sku": "SHIRT", "stock_point": "PARIS", "quantity": 3},
        row(),
    ]
    status, body = erp.put("/expected-receipts/", rows)
    assert (status, body["created"]) == (200, 1)
    assert [(error["index"], error["code"]) for error in body["errors"]] == [
        (0, "unknown_sku"),
        (1, "unknown_stock_point"),
        (2, "invalid"),
        (3, "invalid"),
        (4, "invalid"),
        (5, "invalid"),
    ]
    assert ExpectedReceipt.objects.count() == 1


def test_the_future_is_told_in_increments(erp):
    rows = [row(), row(reference="PO-8", stock_point="LYON", expected_on=day(9), kind="production", quantity=4)]
    erp.put("/expected-receipts/", rows)
    assert item(erp) == (
        0,
        [
            {"available": 10, "available_on": day(5), "kind": "purchase"},
            {"available": 4, "available_on": day(9), "kind": "production"},
        ],
    )


def test_on_a_day_what_is_expected_until_then_is_counted_in(erp):
    erp.put("/expected-receipts/", [row(), row(reference="PO-8", expected_on=day(9), quantity=4)])
    assert item(erp, at=day(4)) == (
        0,
        [
            {"available": 10, "available_on": day(5), "kind": "purchase"},
            {"available": 4, "available_on": day(9), "kind": "purchase"},
        ],
    )
    assert item(erp, at=day(5)) == (10, [{"available": 4, "available_on": day(9), "kind": "purchase"}])
    assert item(erp, at=day(30)) == (14, [])


def test_a_receipt_movement_closes_it_and_zero_cancels_it(erp):
    erp.put("/expected-receipts/", [row(), row(reference="PO-8", quantity=4)])
    movement = {
        "sku": "SHIRT",
        "stock_point": "PARIS",
        "quantity": 10,
        "kind": "receipt",
        "reference": "PO-7",
        "occurred_at": clock.now().isoformat(),
    }
    erp.post("/stock-movements/", [movement])
    assert item(erp) == (10, [{"available": 4, "available_on": day(5), "kind": "purchase"}])
    assert erp.put("/expected-receipts/", [{**row(reference="PO-8"), "quantity": 0}])[1]["updated"] == 1
    assert item(erp) == (10, [])
    assert erp.put("/expected-receipts/", [row(reference="PO-9", quantity=0)])[1]["unchanged"] == 1


def test_the_list_says_how_each_stands(erp):
    erp.put("/expected-receipts/", [row(), row(reference="PO-8", stock_point="LYON")])
    (found,) = erp.list("/expected-receipts/", reference="PO-7")
    found.pop("id")
    assert found == {**row(), "received": 0, "reserved": 0, "outstanding": 10}
    assert [each["reference"] for each in erp.list("/expected-receipts/", stock_point="LYON")] == ["PO-8"]


def test_a_pre_order_through_the_api_takes_it_off_the_future(erp):
    from stock.models import SalesChannel, StockPoint, Variant
    from stock.services.awaiting import reserve_expected

    receive(Variant.objects.get(), StockPoint.objects.get(code="PARIS"), 1)
    erp.put("/expected-receipts/", [row()])
    reserve_expected(owner="buyer:1", channel_id=SalesChannel.objects.get().pk, wants=[(Variant.objects.get().pk, 10)])
    assert item(erp) == (1, [])
