"""Bought, brought back, looked at, refunded: stock and money as they must be after each step."""

from __future__ import annotations

from tests.returns.conftest import Counter
from tests.support.holding import assert_invariants_hold


def test_a_sold_article_comes_back_is_for_sale_and_paid_back(counter: Counter) -> None:
    order = counter.sold({"shirt": 2})
    assert counter.level("shirt", "paris") == (3, 0, 0)
    assert order["payments"][0]["captured"] == "20.00"

    returned = counter.ask(order, {"shirt": 1})
    assert (returned["state"], returned["number"][0], "label_url" in returned) == ("authorised", "R", False)
    assert counter.retailer.order(order["number"])["lines"][0]["returned"] == 1
    assert counter.level("shirt", "paris") == (3, 0, 0)

    assert (
        counter.move(returned, "receive", {"stock_point": "paris", "lines": [{"sku": "shirt", "quantity": 1}]})["state"]
        == "received"
    )
    # On hand at once, and nobody may buy it before somebody looked at it.
    assert counter.level("shirt", "paris") == (4, 0, 1)

    returned = counter.inspect(returned, ("shirt", 1, "new"))
    assert returned["state"] == "inspected"
    assert returned["lines"][0]["dispositions"] == [
        {"quantity": 1, "grade": "new", "disposition": "shelf", "destination": None}
    ]
    assert counter.level("shirt", "paris") == (4, 0, 0)

    returned = counter.move(returned, "refund")
    assert (returned["state"], returned["refund_amount"], returned["settlement"]) == ("settled", "10.00", "refund")
    assert [(refund["amount"], refund["state"]) for refund in returned["refunds"]] == [("10.00", "succeeded")]
    assert counter.refunded(order) == ["10.00"]
    assert counter.events(order)[-6:] == [
        "return.requested",
        "return.received",
        "return.inspected",
        "refund.requested",
        "return.settled",
        "payment.refund_succeeded",
    ]
    assert_invariants_hold()


def test_a_delivered_order_comes_back_to_any_store(counter: Counter) -> None:
    order = counter.delivered({"shirt": 1}, shipping_price="4.90")
    returned = counter.inspected(order)
    assert counter.level("shirt", "paris") == (6, 0, 0)
    settled = counter.move(returned, "refund")
    # The whole order came back, so what its delivery cost comes back, too.
    assert (settled["goods_amount"], settled["shipping_amount"], settled["refund_amount"]) == ("10.00", "4.90", "14.90")
    assert counter.refunded(order) == ["14.90"]
    assert_invariants_hold()
