from __future__ import annotations

import pytest
from django.core import mail

from returns.models import Return
from returns.services.exchanging import Replacement, exchange_return
from tests.factories.retailer import answered
from tests.integrations.reading import subjects, text
from tests.returns.conftest import Counter, open_counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter(db: None) -> Counter:
    return open_counter()


def test_once_it_has_arrived(counter: Counter) -> None:
    order = counter.delivered()
    counter.retailer.drain()
    mail.outbox.clear()
    counter.received(order)
    counter.retailer.drain()

    assert subjects() == [f"We have received your return for order {order['number']}"]


def test_and_the_money_when_it_goes_back(counter: Counter) -> None:
    order = counter.delivered()
    returned = counter.inspected(order)
    counter.retailer.drain()
    mail.outbox.clear()
    counter.move(returned, "refund")
    counter.retailer.drain()

    assert [subject.split(" given back")[1] for subject in subjects()] == [f" for your order {order['number']}"]


def test_before_it_is_settled_both_ways_are_still_open(counter: Counter) -> None:
    order = counter.delivered()
    counter.retailer.drain()
    mail.outbox.clear()
    counter.received(order)

    assert "write again about your money, or about the articles you get instead" in text()


def test_what_is_exchanged_promises_no_money_and_names_what_it_was_exchanged_for(counter: Counter) -> None:
    order = counter.sold()
    returned = counter.inspected(order)
    mail.outbox.clear()
    exchange_return(return_id=Return.objects.get().pk, replacement=Replacement())
    counter.retailer.drain()

    new = counter.read(returned)["exchange_order"]
    assert subjects() == [f"Your order {new} is confirmed"]
    assert f"These articles are yours instead of what came back of order {order['number']}." in text()
    assert "Paid with what came back — €10.00" in text()


def test_what_was_exchanged_before_the_mail_goes_out_is_told_so(counter: Counter) -> None:
    order = counter.sold()
    returned = answered(counter.api.post("/returns/", counter.body(order)), 201)
    mail.outbox.clear()
    for action, body in (
        ("receive", {}),
        ("inspect", {"lines": [{"sku": "shirt", "quantity": 1, "grade": "new"}]}),
        ("exchange", {}),
    ):
        answered(counter.api.post(f"/returns/{returned['number']}/{action}/", body), 200)
    counter.retailer.drain()

    told = {message.subject: message.body for message in mail.outbox}
    body = told[f"We have received your return for order {order['number']}"]
    assert f"You have other articles for it: order {counter.read(returned)['exchange_order']}." in body
    assert "write again" not in body
