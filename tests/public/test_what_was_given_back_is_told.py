"""An order that came back is not with its customer."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.queries.tracking_links import tracking_token
from tests.public.reading import page
from tests.returns.conftest import Counter, open_counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter(db: None) -> Counter:
    return open_counter()


def test_what_is_only_announced_is_still_with_the_customer(counter: Counter) -> None:
    order = counter.delivered()
    counter.ask(order)
    assert "Everything is with you" in page(order["number"])


def test_all_of_it_until_the_money_goes_back(counter: Counter) -> None:
    order = counter.delivered({"shirt": 2})
    returned = counter.inspected(order)
    told = page(order["number"])
    assert "Everything came back to us We look at it, and write to you about your money" in told
    assert "Everything is with you" not in told
    counter.move(returned, "refund")
    assert "Everything came back to us You see below what was given back of your payment." in page(order["number"])


def test_a_part_of_it(counter: Counter) -> None:
    order = counter.delivered({"shirt": 2})
    counter.move(counter.inspected(order, {"shirt": 1}), "refund")
    told = page(order["number"])
    assert "A part came back to us You see below" in told
    assert "We hope you like it" not in told


def test_what_was_taken_instead_is_named(counter: Counter) -> None:
    order = counter.sold()
    returned = counter.move(counter.inspected(order), "exchange")
    assert f"You have other articles for it: order {returned['exchange_order']}." in page(order["number"])
    assert "Everything is with you" in page(returned["exchange_order"])


def test_an_exchange_is_shown_on_the_pages_of_both_orders(counter: Counter) -> None:
    order = counter.sold()
    returned = counter.move(counter.inspected(order), "exchange")
    told = page(order["number"])
    assert "Exchanged You gave back" in told and "You get instead" in told
    assert f"Follow order {returned['exchange_order']}" in told
    assert f"instead of what came back of order {order['number']}" in page(returned["exchange_order"])


def test_an_exchange_takes_a_fixed_number_of_queries(counter: Counter) -> None:
    order = counter.sold()
    counter.move(counter.inspected(order), "exchange")
    path = f"/order/{tracking_token(order['number'])}/"
    Client().get(path)
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(path).status_code == 200
    assert len(captured) == 12
