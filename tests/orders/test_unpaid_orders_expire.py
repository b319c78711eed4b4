"""Nobody paid in time; and what becomes of money that comes too late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from oms.core import clock
from oms.core.services.relaying import drain_events
from orders.gateways import gateway_for
from orders.gateways.protocol import Answer, AuthoriseRequest
from orders.models import Order
from orders.services import sweeping
from orders.services.sweeping import expire_order, expire_unpaid_orders, sweep_payments
from tests.orders.conftest import Shop
from tests.orders.making import events, paid_with, payments, place, slices, state_of
from tests.stock.making import figures
from tests.support.holding import assert_invariants_hold


@pytest.fixture
def time() -> Iterator[clock.SetClock]:
    with clock.set_clock(clock.now()) as time:
        yield time


def test_their_stock_is_free_at_the_hour_they_were_given(shop: Shop, time: clock.SetClock) -> None:
    order = place(shop.channel, {shop.skus[0]: 2}, payments=())
    assert order.state == "pending_payment"
    time.advance(timedelta(minutes=59))
    assert expire_unpaid_orders() == 0
    time.advance(timedelta(minutes=2))
    assert expire_unpaid_orders() == 1
    assert expire_unpaid_orders() == 0
    assert state_of(order) == "expired"
    assert slices(order) == {(shop.skus[0], shop.near.code, 2, "cancelled")}
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)
    assert events(order)[-1] == "order.expired"
    assert_invariants_hold()


def test_a_paid_order_never_expires(shop: Shop, time: clock.SetClock) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    time.advance(timedelta(days=2))
    assert expire_unpaid_orders() == 0
    assert not expire_order(order_id=order.pk)
    assert state_of(order) == "confirmed"
    assert figures(shop.variants[0], shop.near) == (5, 2, 0)


def expired_while_unknown(shop: Shop, time: clock.SetClock, token: str = "timeout") -> Order:
    order = place(shop.channel, {shop.skus[0]: 5}, payments=paid_with(token))
    time.advance(timedelta(hours=2))
    assert expire_unpaid_orders() == 1
    return order


def test_late_money_reserves_anew(shop: Shop, time: clock.SetClock) -> None:
    order = expired_while_unknown(shop, time)
    sweep_payments()
    assert state_of(order) == "confirmed"
    assert slices(order) == {(shop.skus[0], shop.near.code, 5, "reserved")}
    assert order.lines.get().cancelled_quantity == 0
    assert figures(shop.variants[0], shop.near) == (5, 5, 0)
    drain_events()
    assert state_of(order) == "in_progress"
    assert_invariants_hold()


def test_late_money_finds_other_stock_when_the_first_is_sold(shop: Shop, time: clock.SetClock) -> None:
    order = expired_while_unknown(shop, time)
    place(shop.channel, {shop.skus[0]: 3})
    drain_events()
    assert slices(order) == {(shop.skus[0], shop.far.code, 5, "assigned")}
    assert payments(order) == [("authorised", "0.00", "0.00", "0.00")]
    assert_invariants_hold()


def test_late_money_for_goods_that_are_gone_is_given_back_with_notice(shop: Shop, time: clock.SetClock) -> None:
    order = expired_while_unknown(shop, time)
    place(shop.channel, {shop.skus[0]: 8})
    drain_events()
    assert state_of(order) == "expired"
    assert payments(order) == [("voided", "0.00", "50.00", "0.00")]
    assert "payment.returned" in events(order)
    assert_invariants_hold()


def test_late_money_is_back_ordered_where_the_channel_allows_it(shop: Shop, time: clock.SetClock) -> None:
    order = expired_while_unknown(shop, time)
    place(shop.channel, {shop.skus[0]: 8})
    shop.channel.allows_backorders = True
    shop.channel.save()
    drain_events()
    assert state_of(order) == "in_progress"
    assert (shop.skus[0], None, 3, "backordered") in slices(order)
    assert_invariants_hold()


def test_an_order_that_expires_while_the_gateway_thinks_is_confirmed_by_its_answer(
    shop: Shop, time: clock.SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = gateway_for("simulated")
    authorise = gateway.authorise

    def slowly(request: AuthoriseRequest) -> Answer:
        time.advance(timedelta(hours=2))
        assert expire_unpaid_orders() == 1
        return authorise(request)

    monkeypatch.setattr(gateway, "authorise", slowly)
    order = place(shop.channel, {shop.skus[0]: 2})
    assert order.state == "confirmed"
    assert slices(order) == {(shop.skus[0], shop.near.code, 2, "reserved")}
    drain_events()
    assert state_of(order) == "in_progress"
    assert payments(order) == [("authorised", "0.00", "0.00", "0.00")]
    assert_invariants_hold()


def test_a_payment_nobody_answers_for_is_given_up_after_a_week(shop: Shop, time: clock.SetClock) -> None:
    from orders.services.requests import RequestedPayment

    order = place(shop.channel, {shop.skus[0]: 1}, payments=(RequestedPayment("simulated", "payment_link"),))
    time.advance(timedelta(hours=2))
    expire_unpaid_orders()
    sweep_payments()
    assert payments(order) == [("pending", "0.00", "0.00", "0.00")]
    time.advance(timedelta(days=8))
    sweep_payments()
    assert payments(order) == [("expired", "0.00", "0.00", "0.00")]
    assert_invariants_hold()


def test_one_that_cannot_be_expired_keeps_no_other(
    shop: Shop, time: clock.SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = place(shop.channel, {shop.skus[0]: 1}, payments=())
    good = place(shop.channel, {shop.skus[0]: 1}, payments=())
    time.advance(timedelta(hours=2))

    def expire(*, order_id: int) -> bool:
        if order_id == bad.pk:
            raise KeyError("country")
        return expire_order(order_id=order_id)

    monkeypatch.setattr(sweeping, "expire_order", expire)
    assert expire_unpaid_orders() == 1
    assert (state_of(bad), state_of(good)) == ("pending_payment", "expired")
