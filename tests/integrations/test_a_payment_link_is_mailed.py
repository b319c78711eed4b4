"""Who orders by telephone gets the link to pay by mail, and the receipt each time it is wished for."""

from __future__ import annotations

import pytest
from django.core import mail

from oms.core.services.relaying import drain_events
from orders.gateways import gateway_for
from orders.gateways.terminal import TERMINAL, Card, SimulatedTerminal
from orders.queries.payment_links import payment_url
from orders.services.receipting import send_receipt
from orders.services.settling import hear_gateway
from tests.orders.counter import BY_LINK, Counter, key_of, open_counter


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
