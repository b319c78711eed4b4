"""Refunds: by original tender, by each unit's share of its line, never above what was captured, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from oms.core import clock
from orders.models import Order, PaymentOperation
from orders.services.refunding import refund_order
from returns.models import ReturnPolicy
from returns.services.settling import close_settled_returns
from tests.factories.retailer import answered
from tests.returns.conftest import Counter
from tests.support.holding import assert_invariants_hold


def preview(counter: Counter, returned: dict[str, Any]) -> dict[str, Any]:
    return answered(counter.api.get(f"/returns/{returned['number']}/refund-preview/"), 200)


def test_units_come_back_one_by_one_to_the_last_cent(counter: Counter) -> None:
    """Three units for 28.00 in all: nobody is given more or less than the line cost."""
    order = counter.sold(rows=[{"sku": "shirt", "quantity": 3, "discount": "2.00"}])
    amounts = [counter.move(counter.inspected(order, {"shirt": 1}), "refund")["refund_amount"] for _ in range(3)]
    assert amounts == ["9.33", "9.34", "9.33"]
    assert counter.refunded(order) == ["28.00"]
    assert_invariants_hold()


def test_it_is_previewed_by_tender_and_goes_back_to_each(counter: Counter) -> None:
    payments = [
        {"gateway": "simulated", "method": "gift_card", "amount": "15.00"},
        {"gateway": "simulated", "method": "card", "amount": "5.00"},
    ]
    order = counter.sold({"shirt": 2}, payments=payments)
    returned = counter.inspected(order, {"shirt": 1})
    told = preview(counter, returned)
    assert [(tender["method"], tender["amount"]) for tender in told["tenders"]] == [
        ("card", "5.00"),
        ("gift_card", "5.00"),
    ]
    assert (told["total"], told["amount"], told["is_captured"]) == ("10.00", "10.00", True)
    counter.move(returned, "refund")
    assert counter.refunded(order) == ["5.00", "5.00"]
    assert_invariants_hold()


def test_asked_twice_it_is_refunded_once(counter: Counter) -> None:
    order = counter.sold()
    returned = counter.inspected(order)
    for _ in range(3):
        assert counter.move(returned, "refund")["state"] == "settled"
    assert counter.refunded(order) == ["10.00"]
    assert PaymentOperation.objects.filter(kind="refund").count() == 1
    assert counter.events(order).count("return.settled") == 1


def test_what_was_given_back_by_hand_is_not_given_twice(counter: Counter) -> None:
    order = counter.sold()
    refund_order(order_id=Order.objects.get().pk, amount=Order.objects.get().total - 6, reference="goodwill")
    counter.retailer.drain()
    settled = counter.move(counter.inspected(order), "refund")
    assert (settled["goods_amount"], settled["refund_amount"]) == ("10.00", "6.00")
    assert counter.refunded(order) == ["10.00"]
    assert_invariants_hold()


def test_money_that_is_still_to_be_captured_is_waited_for(counter: Counter) -> None:
    """The goods left, the capture was refused: a person asks for it again, and then there is something to refund."""
    failing = counter.sold(payments=[{"gateway": "simulated", "method": "card", "token": "refuse-capture"}])
    returned = counter.inspected(failing)
    assert preview(counter, returned)["is_captured"] is False
    refusal = counter.refused(returned, "refund", status=409)
    assert (refusal["code"], refusal["data"]) == (
        "not_captured",
        {"owed": "10.00", "captured": "0.00", "currency": "EUR"},
    )
    assert counter.read(returned)["state"] == "inspected"


def test_an_order_paid_elsewhere_says_so(counter: Counter) -> None:
    counter.retailer.add_channel("market", kind="marketplace")
    order = counter.delivered(channel="market", payments=[])
    returned = counter.inspected(order)
    refusal = counter.refused(returned, "refund", status=409)
    assert (refusal["code"], refusal["data"]) == ("paid_elsewhere", {"owed": "10.00", "currency": "EUR"})
    settled = counter.move(returned, "refund", {"is_paid_elsewhere": True})
    assert (settled["state"], settled["settlement"], settled["goods_amount"], settled["refund_amount"]) == (
        "settled",
        "elsewhere",
        "10.00",
        "0.00",
    )
    assert_invariants_hold()


def test_a_refused_refund_is_asked_for_again(counter: Counter) -> None:
    order = counter.sold(payments=[{"gateway": "simulated", "method": "card", "token": "refuse-refund"}])
    returned = counter.move(counter.inspected(order), "refund")
    assert [refund["state"] for refund in returned["refunds"]] == ["failed"]
    again = counter.move(returned, "refund")
    assert [refund["state"] for refund in again["refunds"]] == ["failed", "failed"]
    assert counter.refunded(order) == ["0.00"]
    assert_invariants_hold()


def test_the_delivery_is_refunded_with_the_last_unit_and_only_where_the_policy_says_so(counter: Counter) -> None:
    order = counter.delivered({"shirt": 2}, shipping_price="5.00")
    assert counter.move(counter.inspected(order, {"shirt": 1}), "refund")["shipping_amount"] == "0.00"
    assert counter.move(counter.inspected(order, {"shirt": 1}), "refund")["shipping_amount"] == "5.00"
    assert counter.refunded(order) == ["25.00"]
    ReturnPolicy.objects.create(refunds_shipping="never")
    other = counter.delivered(shipping_price="5.00")
    assert counter.move(counter.inspected(other), "refund")["refund_amount"] == "10.00"
    assert_invariants_hold()


def test_a_settled_return_is_closed_once_the_money_is_back(counter: Counter) -> None:
    paid = counter.move(counter.inspected(counter.sold()), "refund")
    failing = counter.sold(payments=[{"gateway": "simulated", "method": "card", "token": "refuse-refund"}])
    unpaid = counter.move(counter.inspected(failing), "refund")
    close_settled_returns()
    assert counter.read(paid)["state"] == "settled"
    with clock.clock_at(clock.now() + timedelta(days=1, minutes=1)):
        close_settled_returns()
    assert (counter.read(paid)["state"], counter.read(unpaid)["state"]) == ("closed", "settled")
    assert_invariants_hold()


def test_one_refused_refund_keeps_no_other_return_open(counter: Counter) -> None:
    """Of the same order: only what was asked for the return itself decides whether it is closed."""
    order = counter.sold({"shirt": 2})
    settled = counter.move(counter.inspected(order, {"shirt": 1}), "refund")
    failed = PaymentOperation.objects.get(kind="refund")
    failed.pk, failed.key, failed.reference, failed.state = None, "other", "return:R0", "failed"
    failed.save(force_insert=True)
    with clock.clock_at(clock.now() + timedelta(days=1, minutes=1)):
        close_settled_returns()
    assert counter.read(settled)["state"] == "closed"
