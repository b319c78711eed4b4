"""A refused capture is asked for again, captured money is given back: two pages of customer service."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from oms.core.errors import StateConflict
from oms.core.models import User
from oms.core.services.relaying import drain_events
from orders.models import Order, PaymentOperation, SimulatedTransaction
from orders.services.capturing import retry_captures
from tests.orders.conftest import Shop
from tests.orders.making import paid_with, payments, place
from tests.orders.working import shipped
from tests.support.holding import assert_invariants_hold


@pytest.fixture
def service(db: None) -> Client:
    call_command("sync_roles", verbosity=0)
    user = User.objects.create_user("camille", password="long enough to be a password", is_staff=True)
    user.groups.add(Group.objects.get(name="customer_service"))
    client = Client()
    client.force_login(user)
    return client


def page(order: Order, move: str = "change") -> str:
    return reverse(f"admin:orders_order_{move}", args=[order.pk])


def offered(client: Client, order: Order) -> set[str]:
    return {action["url"] for action in client.get(page(order)).context["order_actions"]}


def sent(shop: Shop, token: str) -> Order:
    """Ten of twelve units in two parcels; the other two are never sent."""
    order = place(shop.channel, {shop.skus[0]: 12}, allow_partial=True, payments=paid_with(token))
    drain_events()
    for point in (shop.near, shop.far):
        shipped(order, point)
        drain_events()
    return order


def the_bank_agrees() -> None:
    SimulatedTransaction.objects.filter(kind="authorise").update(token="tok_visa")


def captures() -> list[tuple[str, str]]:
    rows = PaymentOperation.objects.filter(kind="capture").order_by("pk")
    return [(str(row.amount), row.state) for row in rows]


def test_refused_captures_are_asked_for_again_and_the_rest_given_back(shop: Shop, service: Client) -> None:
    order = sent(shop, "refuse-capture")
    assert payments(order) == [("authorised", "0.00", "0.00", "0.00")]
    assert page(order, "capture") in offered(service, order)
    the_bank_agrees()
    assert service.post(page(order, "capture")).status_code == 302
    assert payments(order) == [("captured", "100.00", "20.00", "0.00")]
    assert captures() == [("50.00", "failed")] * 2 + [("50.00", "succeeded")] * 2
    assert len(set(PaymentOperation.objects.values_list("key", flat=True))) == PaymentOperation.objects.count()
    assert Order.objects.get(pk=order.pk).needs_attention == ""
    assert page(order, "capture") not in offered(service, order)
    assert_invariants_hold()


def test_asking_again_in_vain_can_be_tried_once_more(shop: Shop, service: Client) -> None:
    order = sent(shop, "refuse-capture")
    service.post(page(order, "capture"))
    assert captures() == [("50.00", "failed")] * 4
    assert "was refused" in Order.objects.get(pk=order.pk).needs_attention
    assert page(order, "capture") in offered(service, order)
    assert_invariants_hold()


def test_where_nothing_was_refused_nothing_is_asked(shop: Shop) -> None:
    order = sent(shop, "tok_visa")
    with pytest.raises(StateConflict):
        retry_captures(order_id=order.pk)
    assert captures() == [("50.00", "succeeded")] * 2


@pytest.mark.parametrize(
    ("amount", "status", "refunded"), [("30.00", 302, "30.00"), ("100.01", 200, "0.00"), ("0", 200, "0.00")]
)
def test_what_was_captured_is_given_back_and_no_more(
    shop: Shop, service: Client, amount: str, status: int, refunded: str
) -> None:
    order = sent(shop, "tok_visa")
    told: dict[str, Any] = {"amount": amount, "reference": "call 12"}
    assert page(order, "refund") in offered(service, order)
    # A refusal stays on the page, with what was typed.
    assert service.post(page(order, "refund"), told).status_code == status
    drain_events()
    assert payments(order)[0][3] == refunded
    assert_invariants_hold()


def test_a_refund_is_told_how_much_and_what_for(shop: Shop, service: Client) -> None:
    order = sent(shop, "tok_visa")
    response = service.post(page(order, "refund"), {"amount": "", "reference": ""})
    assert set(response.context["form"].errors) == {"amount", "reference"}
    assert not PaymentOperation.objects.filter(kind="refund").exists()


def test_nothing_is_refunded_before_it_is_captured(shop: Shop, service: Client) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    assert not {page(order, "refund"), page(order, "capture")} & offered(service, order)
