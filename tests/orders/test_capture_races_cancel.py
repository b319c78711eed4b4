"""A parcel leaves while somebody cancels: captured or voided, never both."""

from __future__ import annotations

import pytest

from oms.core.errors import OmsError
from oms.core.services.relaying import drain_events
from orders.models import Order, PaymentOperation, SimulatedTransaction
from orders.services.cancelling import cancel_order
from orders.services.capturing import capture_due, void_rest
from orders.services.handing_over import hand_over_fulfilment
from tests.orders.conftest import Shop, open_shop
from tests.orders.making import payments, place, state_of
from tests.orders.working import packed, shipped, work_at
from tests.stock.making import figures
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return open_shop()


@pytest.mark.parametrize("turn", range(4))
def test_handing_over_and_cancelling_have_one_winner(shop: Shop, turn: int) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    work = packed(work_at(order, shop.near))
    calls = [
        lambda: hand_over_fulfilment(fulfilment_id=work.pk),
        lambda: cancel_order(order_id=order.pk),
    ]
    outcomes = at_once(calls if turn % 2 else calls[::-1])
    assert sum(isinstance(outcome, OmsError) for outcome in outcomes) == 1
    assert not [
        outcome for outcome in outcomes if isinstance(outcome, BaseException) and not isinstance(outcome, OmsError)
    ]
    drain_events()
    on_hand, reserved, _ = figures(shop.variants[0], shop.near)
    if state_of(order) == "cancelled":
        assert (on_hand, reserved) == (5, 0)
        assert payments(order) == [("voided", "0.00", "20.00", "0.00")]
    else:
        assert (state_of(order), on_hand, reserved) == ("fulfilled", 3, 0)
        assert payments(order) == [("captured", "20.00", "0.00", "0.00")]
    assert_invariants_hold()


def test_many_captures_of_one_parcel_are_one(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    shipped(order, shop.near)
    outcomes = at_once([lambda: capture_due(order_id=order.pk)] * 4 + [lambda: void_rest(order_id=order.pk)] * 2)
    assert not [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert PaymentOperation.objects.filter(payment__order=order, kind="capture").count() == 1
    assert SimulatedTransaction.objects.filter(kind__in=["capture", "void"]).count() == 1
    assert payments(order) == [("captured", "20.00", "0.00", "0.00")]
    assert_invariants_hold()


def test_many_voids_of_a_cancelled_order_are_one(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    cancel_order(order_id=order.pk)
    at_once([lambda: void_rest(order_id=order.pk)] * 4)
    assert SimulatedTransaction.objects.filter(kind="void").count() == 1
    assert payments(order) == [("voided", "0.00", "20.00", "0.00")]
    assert Order.objects.get(pk=order.pk).state == "cancelled"
    assert_invariants_hold()
