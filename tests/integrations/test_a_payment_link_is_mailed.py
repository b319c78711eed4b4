"""Who orders by telephone gets the link to pay by mail, and the receipt each time it is wished for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from oms.core import clock
from oms.core.errors import Invalid, StateConflict
from oms.core.services.relaying import drain_events
from orders.gateways import gateway_for
from orders.gateways.terminal import TERMINAL, Card, SimulatedTerminal
from orders.models import Basket, Order
from orders.queries.payment_links import payment_url
from orders.services.cancelling import cancel_order
from orders.services.checking_out import abandon_payment, check_out, give_basket_back
from orders.services.link_sending import resend_payment_link
from orders.services.receipting import send_receipt
from orders.services.settling import hear_gateway
from stock.models import ChannelKind
from tests.admin.people import signed_in
from tests.orders.counter import AT_TERMINAL, BY_LINK, Counter, key_of, open_counter, present
from tests.orders.making import events


@pytest.fixture
def counter(db: None) -> Counter:
    return open_counter()


def test_the_mail_holds_the_link(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    drain_events()
    (sent,) = mail.outbox
    assert payment_url(order.number) in sent.body


def test_at_the_terminal_no_link_is_mailed(counter: Counter) -> None:
    counter.placed()
    drain_events()
    assert mail.outbox == []


def test_each_request_sends_the_same_link_once_more(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    resend_payment_link(order_id=order.pk, email=order.customer_email)
    resend_payment_link(order_id=order.pk, email=" c.martin@example.org ")
    drain_events()
    assert [sent.to for sent in mail.outbox] == [["c.martin@example.org"]] * 3
    assert all(payment_url(order.number) in sent.body for sent in mail.outbox)
    assert events(order)[-2:] == ["payment.link_resent", "payment.link_corrected"]


def test_a_marketplace_writes_to_its_customers_itself(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    counter.channel.kind = ChannelKind.MARKETPLACE
    counter.channel.save()
    with pytest.raises(StateConflict, match="marketplace"):
        resend_payment_link(order_id=order.pk, email="c.martin@example.org")
    drain_events()
    assert mail.outbox == []
    assert Order.objects.get().customer_email == "camille@example.org"
    page = signed_in("customer_service").get(reverse("admin:orders_order_change", args=[order.pk]))
    assert not [each for each in page.context["order_actions"] if each["url"].endswith("/link/")]


def test_the_same_address_waits_a_little_and_another_does_not(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    resend_payment_link(order_id=order.pk, email=order.customer_email)
    with pytest.raises(StateConflict, match="a moment ago"):
        resend_payment_link(order_id=order.pk, email=order.customer_email)
    assert events(order).count("payment.link_resent") == 1
    resend_payment_link(order_id=order.pk, email="c.martin@example.org")
    with clock.set_clock(clock.now() + timedelta(minutes=3)):
        resend_payment_link(order_id=order.pk, email="c.martin@example.org")
    assert events(order)[-2:] == ["payment.link_corrected", "payment.link_resent"]


def test_a_link_is_sent_so_often_and_no_more(counter: Counter, settings: Any) -> None:
    settings.PAYMENT_LINK_RESENT_AT_MOST = 2
    order = counter.placed(BY_LINK)
    for name in ("a", "b"):
        resend_payment_link(order_id=order.pk, email=f"{name}@example.org")
    with pytest.raises(StateConflict, match="as often as it may be"):
        resend_payment_link(order_id=order.pk, email="c@example.org")
    assert Order.objects.get().customer_email == "b@example.org"


def test_given_up_to_be_paid_otherwise_no_mail_says_that_it_is_cancelled(counter: Counter) -> None:
    order = present(counter.placed(), Card.REFUSED)
    abandon_payment(order_id=order.pk)
    give_basket_back(order_id=order.pk)
    drain_events()
    assert mail.outbox == []
    other = check_out(basket_id=counter.ready(Basket.objects.get()).pk, payment=AT_TERMINAL)
    cancel_order(order_id=other.pk)
    drain_events()
    assert [sent.to for sent in mail.outbox] == [["camille@example.org"]]


def test_whoever_holds_a_link_is_told_that_it_was_given_up(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    drain_events()
    abandon_payment(order_id=order.pk)
    drain_events()
    waits, is_over = mail.outbox
    assert order.number in waits.subject
    assert "annulée" in is_over.subject


def test_a_link_that_is_over_is_not_sent(counter: Counter) -> None:
    order = counter.placed(BY_LINK)
    with pytest.raises(Invalid):
        resend_payment_link(order_id=order.pk, email=" ")
    abandon_payment(order_id=order.pk)
    with pytest.raises(StateConflict):
        resend_payment_link(order_id=order.pk, email="c.martin@example.org")
    assert Order.objects.get().customer_email == "camille@example.org"


def test_the_receipt_is_sent_as_often_as_it_is_wished_for(counter: Counter) -> None:
    order = counter.placed()
    terminal = gateway_for(TERMINAL)
    assert isinstance(terminal, SimulatedTerminal)
    key = key_of(order)
    terminal.present_card(key, Card.ACCEPTED)
    hear_gateway(gateway=TERMINAL, key=key)
    drain_events()
    before = len(mail.outbox)
    for _ in range(2):
        send_receipt(order_id=order.pk)
    drain_events()
    assert len(mail.outbox) == before + 2
