"""Charged, and the answer lost: the same key until it is known, one charge (a payment platform's bad day)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oms.core import clock
from oms.core.services.relaying import drain_events
from orders.gateways import gateway_for
from orders.gateways.protocol import Answer, GatewayUnavailable, Outcome
from orders.models import Order, PaymentOperation, SimulatedTransaction
from orders.services.placing import find_or_place_order
from orders.services.sweeping import sweep_payments
from tests.orders.conftest import Shop
from tests.orders.making import paid_with, payments, place, request_for, slices, state_of
from tests.stock.making import figures
from tests.support.holding import assert_invariants_hold


@pytest.mark.parametrize("token", ["unknown", "timeout"])
def test_the_order_waits_with_its_stock_reserved(shop: Shop, token: str) -> None:
    order = place(shop.channel, {shop.skus[0]: 1}, payments=paid_with(token))
    assert (order.state, order.pay_by is not None) == ("pending_payment", True)
    assert payments(order) == [("unknown", "0.00", "0.00", "0.00")]
    assert figures(shop.variants[0], shop.near) == (5, 1, 0)
    assert_invariants_hold()


@pytest.mark.parametrize("token", ["unknown", "timeout"])
def test_asking_later_confirms_it_with_one_charge(shop: Shop, token: str) -> None:
    order = place(shop.channel, {shop.skus[0]: 1}, payments=paid_with(token))
    drain_events()
    assert state_of(order) == "in_progress"
    assert payments(order) == [("authorised", "0.00", "0.00", "0.00")]
    assert SimulatedTransaction.objects.filter(kind="authorise").count() == 1
    assert SimulatedTransaction.objects.get().key == PaymentOperation.objects.get().key
    assert_invariants_hold()


@pytest.mark.parametrize("token", ["unknown-in-vain", "timeout-in-vain"])
def test_asking_later_may_find_that_nothing_was_taken(shop: Shop, token: str) -> None:
    request = request_for(shop.channel, {shop.skus[0]: 1}, payments=paid_with(token))
    order, _ = find_or_place_order(request=request)
    drain_events()
    assert state_of(order) == "cancelled"
    assert slices(order) == {(shop.skus[0], shop.near.code, 1, "cancelled")}
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)
    assert Order.objects.placed().count() == 0
    assert_invariants_hold()


def test_repeating_the_request_while_it_is_unknown_charges_nothing(shop: Shop) -> None:
    request = request_for(shop.channel, {shop.skus[0]: 1}, payments=paid_with("timeout"))
    first, _ = find_or_place_order(request=request)
    again, is_new = find_or_place_order(request=request)
    assert (again.pk, again.state, is_new) == (first.pk, "pending_payment", False)
    assert SimulatedTransaction.objects.count() == 1


def test_a_gateway_that_stays_silent_is_asked_again_by_the_sweeper(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = gateway_for("simulated")
    order = place(shop.channel, {shop.skus[0]: 1}, payments=paid_with("timeout"))

    def silent(key: str) -> Answer:
        raise GatewayUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(gateway, "inquire", silent)
        drain_events()
    assert state_of(order) == "pending_payment"
    with clock.set_clock(clock.now() + timedelta(minutes=2)):
        sweep_payments()
    assert state_of(order) == "confirmed"
    assert SimulatedTransaction.objects.count() == 1


def test_a_request_that_never_arrived_is_put_again_with_its_key(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process died between storing the key and calling: the sweeper finishes what was abandoned."""
    gateway = gateway_for("simulated")

    def dies(request: object) -> Answer:
        raise GatewayUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(gateway, "authorise", dies)
        order = place(shop.channel, {shop.skus[0]: 1})
    assert SimulatedTransaction.objects.count() == 0
    drain_events()
    assert state_of(order) == "in_progress"
    assert SimulatedTransaction.objects.get().key == PaymentOperation.objects.get().key
    assert_invariants_hold()


def test_an_unforeseen_failure_of_a_plug_in_is_an_unknown_outcome(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(request: object) -> Answer:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(gateway_for("simulated"), "authorise", breaks)
        order = place(shop.channel, {shop.skus[0]: 1})
    assert payments(order) == [("unknown", "0.00", "0.00", "0.00")]


def test_a_payment_link_waits_for_the_customer(shop: Shop) -> None:
    from orders.gateways.simulated import SimulatedGateway
    from orders.services.requests import RequestedPayment

    order = place(shop.channel, {shop.skus[0]: 1}, payments=(RequestedPayment("simulated", "payment_link"),))
    assert order.state == "pending_payment"
    assert payments(order) == [("pending", "0.00", "0.00", "0.00")]
    with clock.set_clock(clock.now() + timedelta(minutes=2)):
        sweep_payments()
        assert state_of(order) == "pending_payment"
    SimulatedGateway().pay_link(PaymentOperation.objects.get().key)
    with clock.set_clock(clock.now() + timedelta(minutes=4)):
        sweep_payments()
    assert state_of(order) == "confirmed"
    assert Answer(Outcome.SUCCEEDED).outcome == "succeeded"
