"""Who orders by telephone gets the link to pay by mail, and the receipt each time it is wished for."""

from __future__ import annotations

import pytest
from django.core import mail

from oms.core.errors import Invalid, StateConflict
from oms.core.services.relaying import drain_events
from orders.gateways import gateway_for
from orders.gateways.terminal import TERMINAL, Card, SimulatedTerminal
from orders.models import Order
from orders.queries.payment_links import payment_url
from orders.services.checking_out import abandon_payment
from orders.services.link_sending import resend_payment_link
from orders.services.receipting import send_receipt
from orders.services.settling import hear_gateway
from tests.orders.counter import BY_LINK, Counter, key_of, open_counter
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
