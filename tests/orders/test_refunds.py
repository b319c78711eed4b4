from __future__ import annotations

from decimal import Decimal

import pytest

from oms.core.errors import Invalid
from oms.core.services.relaying import drain_events
from orders.errors import RefundedOtherwise, RefundTooLarge
from orders.models import Order, PaymentOperation, SimulatedTransaction
from orders.services.refunding import refund_order
from orders.services.requests import RequestedPayment
from tests.orders.conftest import Shop
from tests.orders.making import CARD, payments, place
from tests.orders.working import shipped
from tests.support.holding import assert_invariants_hold


def sent(shop: Shop, **values: object) -> Order:
    """Three units at ten euros, sent and captured."""
    order = place(shop.channel, {shop.skus[0]: 3}, **values)
    drain_events()
    shipped(order, shop.near)
    drain_events()
    return order


def test_part_of_what_was_captured_goes_back(shop: Shop) -> None:
    order = sent(shop)
    refund_order(order_id=order.pk, amount=Decimal("10.00"), reference="return:1")
    drain_events()
    assert payments(order) == [("partially_refunded", "30.00", "0.00", "10.00")]
    refund_order(order_id=order.pk, amount=Decimal("20.00"), reference="return:2")
    drain_events()
    assert payments(order) == [("refunded", "30.00", "0.00", "30.00")]
    assert_invariants_hold()


def test_the_same_reference_is_one_refund(shop: Shop) -> None:
    order = sent(shop)
    first = refund_order(order_id=order.pk, amount=Decimal("10.00"), reference="return:1")
    drain_events()
    again = refund_order(order_id=order.pk, amount=Decimal("10.00"), reference="return:1")
    drain_events()
    assert [row.pk for row in again] == [row.pk for row in first]
    assert SimulatedTransaction.objects.filter(kind="refund").count() == 1
    assert payments(order) == [("partially_refunded", "30.00", "0.00", "10.00")]


def test_another_amount_under_the_same_reference_is_no_refund_and_says_so(shop: Shop) -> None:
    order = sent(shop)
    refund_order(order_id=order.pk, amount=Decimal("10.00"), reference="call 12")
    drain_events()
    with pytest.raises(RefundedOtherwise) as refused:
        refund_order(order_id=order.pk, amount=Decimal("5.00"), reference="call 12")
    assert refused.value.data == {"amount": "10.00"}
    assert payments(order) == [("partially_refunded", "30.00", "0.00", "10.00")]


def test_more_than_was_captured_is_refused_also_while_others_are_asked(shop: Shop) -> None:
    order = sent(shop)
    refund_order(order_id=order.pk, amount=Decimal("25.00"), reference="return:1")
    with pytest.raises(RefundTooLarge) as refused:
        refund_order(order_id=order.pk, amount=Decimal("5.01"), reference="return:2")
    assert refused.value.data == {"refundable": "5.00", "currency": "EUR"}
    assert PaymentOperation.objects.filter(kind="refund").count() == 1


@pytest.mark.parametrize("amount", ["0", "-1.00", "0.004"])
def test_it_is_for_an_amount_above_zero(shop: Shop, amount: str) -> None:
    order = sent(shop)
    with pytest.raises(Invalid):
        refund_order(order_id=order.pk, amount=Decimal(amount), reference="return:1")


def test_a_refund_whose_answer_is_lost_is_made_once(shop: Shop) -> None:
    order = sent(shop, payments=(RequestedPayment("simulated", "card", token="timeout-refund"),))
    refund_order(order_id=order.pk, amount=Decimal("10.00"), reference="return:1")
    drain_events()
    assert payments(order) == [("partially_refunded", "30.00", "0.00", "10.00")]
    assert SimulatedTransaction.objects.filter(kind="refund").count() == 1
    assert_invariants_hold()


def test_the_newest_tender_is_refunded_first(shop: Shop) -> None:
    order = sent(shop, payments=(RequestedPayment("simulated", "gift_card", amount=Decimal("12.00")), CARD))
    refund_order(order_id=order.pk, amount=Decimal("20.00"), reference="return:1")
    drain_events()
    assert payments(order) == [
        ("partially_refunded", "12.00", "0.00", "2.00"),
        ("refunded", "18.00", "0.00", "18.00"),
    ]
    assert_invariants_hold()


def test_a_refused_refund_leaves_the_money_refundable(shop: Shop) -> None:
    order = sent(shop, payments=(RequestedPayment("simulated", "card", token="refuse-refund"),))
    refund_order(order_id=order.pk, amount=Decimal("30.00"), reference="return:1")
    drain_events()
    assert payments(order) == [("captured", "30.00", "0.00", "0.00")]
    assert "refund" in Order.objects.get(pk=order.pk).needs_attention
    refund_order(order_id=order.pk, amount=Decimal("30.00"), reference="return:1")
    assert PaymentOperation.objects.filter(kind="refund").count() == 2
