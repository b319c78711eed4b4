from __future__ import annotations

import pytest
from django.core import mail

from tests.integrations.reading import subjects
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
