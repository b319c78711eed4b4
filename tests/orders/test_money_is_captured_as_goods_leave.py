"""Each parcel takes its share, shipping with the first; together they are the total to the cent."""

from __future__ import annotations

from decimal import Decimal

from oms.core.services.relaying import drain_events
from orders.models import Order, PaymentOperation, SimulatedTransaction
from orders.services.capturing import capture_due
from orders.services.collecting import collect_fulfilment, pickup_code
from orders.services.holding import hold_order, release_order
from orders.services.requests import RequestedLine, RequestedPayment
from tests.orders.conftest import Shop
from tests.orders.making import CARD, payments, place, state_of
from tests.orders.working import picked, shipped, work_at
from tests.stock.making import receive
from tests.support.holding import assert_invariants_hold


def captures(order: Order) -> list[tuple[str, str]]:
    """(amount, state) of the order's captures, oldest first."""
    rows = PaymentOperation.objects.filter(payment__order=order, kind="capture").order_by("pk")
    return [(str(row.amount), row.state) for row in rows]


def in_two_parcels(shop: Shop, **values: object) -> Order:
    """Seven units of one article at a third of ten euros each, five near and two far, and 4.90 of shipping."""
    line = RequestedLine(shop.skus[0], 7, unit_price=Decimal("3.33"), discount=Decimal("0.01"))
    order = place(shop.channel, [line], shipping_price=Decimal("4.90"), **values)
    assert str(order.total) == "28.20"
    drain_events()
    return order


def test_shares_never_drift(shop: Shop) -> None:
    order = in_two_parcels(shop)
    shipped(order, shop.near)
    drain_events()
    assert captures(order) == [("21.54", "succeeded")]
    assert payments(order) == [("partially_captured", "21.54", "0.00", "0.00")]
    shipped(order, shop.far)
    drain_events()
    assert captures(order) == [("21.54", "succeeded"), ("6.66", "succeeded")]
    assert payments(order) == [("captured", "28.20", "0.00", "0.00")]
    assert state_of(order) == "fulfilled"
    assert_invariants_hold()


def test_asking_again_captures_nothing_more(shop: Shop) -> None:
    order = in_two_parcels(shop)
    shipped(order, shop.near)
    for _ in range(3):
        capture_due(order_id=order.pk)
    assert captures(order) == [("21.54", "succeeded")]
    assert SimulatedTransaction.objects.filter(kind="capture").count() == 1


def test_several_tenders_are_used_up_in_their_order(shop: Shop) -> None:
    tenders = (RequestedPayment("simulated", "gift_card", amount=Decimal("25.00")), CARD)
    order = in_two_parcels(shop, payments=tenders)
    shipped(order, shop.near)
    drain_events()
    assert payments(order) == [
        ("partially_captured", "21.54", "0.00", "0.00"),
        ("authorised", "0.00", "0.00", "0.00"),
    ]
    shipped(order, shop.far)
    drain_events()
    assert payments(order) == [("captured", "25.00", "0.00", "0.00"), ("captured", "3.20", "0.00", "0.00")]
    assert_invariants_hold()


def test_a_capture_whose_answer_is_lost_is_made_once(shop: Shop) -> None:
    order = in_two_parcels(shop, payments=(RequestedPayment("simulated", "card", token="timeout-capture"),))
    shipped(order, shop.near)
    drain_events()
    assert captures(order) == [("21.54", "succeeded")]
    assert SimulatedTransaction.objects.filter(kind="capture").count() == 1
    assert_invariants_hold()


def test_a_refused_capture_calls_for_a_person(shop: Shop) -> None:
    order = in_two_parcels(shop, payments=(RequestedPayment("simulated", "card", token="refuse-capture"),))
    shipped(order, shop.near)
    drain_events()
    capture_due(order_id=order.pk)
    assert captures(order) == [("21.54", "failed")]
    assert payments(order) == [("authorised", "0.00", "0.00", "0.00")]
    assert "was refused" in Order.objects.get(pk=order.pk).needs_attention
    assert_invariants_hold()


def test_nothing_is_captured_while_the_order_is_held(shop: Shop) -> None:
    order = in_two_parcels(shop)
    shipped(order, shop.near)
    hold_order(order_id=order.pk, reason="fraud?")
    drain_events()
    assert captures(order) == []
    release_order(order_id=order.pk)
    drain_events()
    assert captures(order) == [("21.54", "succeeded")]


def test_goods_collected_in_the_shop_are_captured_when_they_are_handed_over(shop: Shop) -> None:
    receive(shop.variants[0], shop.store, 2)
    order = place(shop.channel, {shop.skus[0]: 2}, mode="pickup", pickup_point=shop.store.code, shipping_address=None)
    drain_events()
    work = picked(work_at(order, shop.store))
    assert captures(order) == []
    collect_fulfilment(fulfilment_id=work.pk, code=pickup_code(work.pickup))
    drain_events()
    assert captures(order) == [("20.00", "succeeded")]
    assert (state_of(order), payments(order)) == ("fulfilled", [("captured", "20.00", "0.00", "0.00")])
    assert_invariants_hold()


def test_free_goods_need_no_capture_and_block_nothing(shop: Shop) -> None:
    lines = [RequestedLine(shop.skus[0], 1, discount=Decimal("10.00")), RequestedLine(shop.skus[1], 1)]
    order = place(shop.channel, lines)
    drain_events()
    shipped(order, shop.near)
    drain_events()
    assert captures(order) == [("10.00", "succeeded")]
    assert payments(order) == [("captured", "10.00", "0.00", "0.00")]


def test_what_a_partial_order_never_sends_is_given_back(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 12}, allow_partial=True)
    drain_events()
    for point in (shop.near, shop.far):
        shipped(order, point)
        drain_events()
    assert payments(order) == [("captured", "100.00", "20.00", "0.00")]
    assert state_of(order) == "fulfilled"
    assert_invariants_hold()
