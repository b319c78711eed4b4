"""The rest of an authorisation goes back, also when the answer to the last capture was lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oms.core import clock
from oms.core.services.relaying import drain_events
from orders.models import Order, PaymentOperation
from orders.services import reconciling
from orders.services.capturing import capture_due
from orders.services.reconciling import reconcile_payment
from orders.services.sweeping import sweep_payments
from tests.orders.conftest import Shop
from tests.orders.making import paid_with, payments, place, state_of
from tests.orders.working import shipped
from tests.support.holding import assert_invariants_hold


def sent_in_part(shop: Shop, token: str) -> Order:
    """Ten of twelve units have left; nothing has been captured yet."""
    order = place(shop.channel, {shop.skus[0]: 12}, allow_partial=True, payments=paid_with(token))
    drain_events()
    shipped(order, shop.near)
    drain_events()
    shipped(order, shop.far)
    return order


def unknown_captures() -> list[int]:
    return list(PaymentOperation.objects.filter(kind="capture", state="unknown").values_list("pk", flat=True))


def test_when_the_capture_is_found_out_later(shop: Shop) -> None:
    order = sent_in_part(shop, "timeout-capture")
    capture_due(order_id=order.pk)
    (capture,) = unknown_captures()
    assert not PaymentOperation.objects.filter(kind="void").exists()
    assert reconcile_payment(operation_id=capture) == "succeeded"
    assert payments(order) == [("captured", "100.00", "20.00", "0.00")]
    assert_invariants_hold()


def test_when_whoever_found_it_out_died_before_giving_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order = sent_in_part(shop, "timeout-capture")
    capture_due(order_id=order.pk)
    (capture,) = unknown_captures()
    with monkeypatch.context() as patched:
        patched.setattr(reconciling, "capture_due", lambda *, order_id: None)
        reconcile_payment(operation_id=capture)
    assert payments(order) == [("partially_captured", "100.00", "0.00", "0.00")]
    with clock.set_clock(clock.now() + timedelta(minutes=2)):
        sweep_payments()
    assert state_of(order) == "fulfilled"
    assert payments(order) == [("captured", "100.00", "20.00", "0.00")]
    assert_invariants_hold()
