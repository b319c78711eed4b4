from __future__ import annotations

from decimal import Decimal

import pytest

from oms.core.services.relaying import drain_events
from orders.errors import DuplicateReference, PaymentRefused
from orders.models import Order, SimulatedTransaction
from orders.services.placing import find_or_place_order, place_order
from orders.services.requests import RequestedPayment
from tests.orders.conftest import Shop
from tests.orders.making import paid_with, payments, place, request_for, slices
from tests.stock.making import figures
from tests.support.holding import assert_invariants_hold


def test_its_stock_is_free_again(shop: Shop) -> None:
    with pytest.raises(PaymentRefused) as refused:
        place(shop.channel, {shop.skus[0]: 2}, payments=paid_with("refuse"))
    assert refused.value.status == 402
    assert refused.value.data == {
        "payments": [{"gateway": "simulated", "method": "card", "failure": "Refused by the simulated bank."}]
    }
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)
    drain_events()
    order = Order.objects.get()
    assert (order.state, order.refused_at is not None) == ("cancelled", True)
    assert slices(order) == {(shop.skus[0], shop.near.code, 2, "cancelled")}
    assert_invariants_hold()


def test_another_card_may_try_under_the_same_reference(shop: Shop) -> None:
    request = request_for(shop.channel, {shop.skus[0]: 5}, external_reference="web-7", payments=paid_with("refuse"))
    with pytest.raises(PaymentRefused):
        place_order(request=request)
    again = request_for(shop.channel, {shop.skus[0]: 5}, external_reference="web-7")
    order, is_new = find_or_place_order(request=again)
    assert (order.state, is_new) == ("confirmed", True)
    assert [found.number for found in Order.objects.placed()] == [order.number]
    with pytest.raises(DuplicateReference):
        place_order(request=request)
    assert_invariants_hold()


def test_the_same_card_again_is_another_attempt(shop: Shop) -> None:
    request = request_for(shop.channel, {shop.skus[0]: 1}, payments=paid_with("refuse"))
    for _ in range(2):
        with pytest.raises(PaymentRefused):
            place_order(request=request)
    assert SimulatedTransaction.objects.count() == 2
    assert Order.objects.placed().count() == 0


def test_what_an_earlier_tender_was_authorised_for_is_given_back(shop: Shop) -> None:
    tenders = (
        RequestedPayment("simulated", "gift_card", amount=Decimal("4.00")),
        RequestedPayment("simulated", "card", token="refuse"),
        RequestedPayment("simulated", "points", amount=Decimal("1.00")),
    )
    with pytest.raises(PaymentRefused) as refused:
        place(shop.channel, {shop.skus[0]: 1}, payments=tenders)
    assert refused.value.data is not None
    assert [payment["method"] for payment in refused.value.data["payments"]] == ["card"]
    drain_events()
    assert payments(Order.objects.get()) == [
        ("voided", "0.00", "4.00", "0.00"),
        ("failed", "0.00", "0.00", "0.00"),
        ("failed", "0.00", "0.00", "0.00"),
    ]
    assert list(SimulatedTransaction.objects.order_by("pk").values_list("kind", "method")) == [
        ("authorise", "gift_card"),
        ("authorise", "card"),
        ("void", ""),
    ]
    assert_invariants_hold()
