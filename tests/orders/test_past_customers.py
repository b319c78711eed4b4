"""A customer who comes again is found by the mail address or number given before, in orders one may see."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from oms.core.access import EVERYTHING, Access
from orders.models import Order
from orders.queries.customers import past_customers
from orders.services.checking_out import check_out
from tests.orders.counter import AT_TERMINAL, Counter, open_counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter(db: None) -> Counter:
    counter = open_counter()
    check_out(basket_id=counter.ready(counter.add(counter.shirt)).pk, payment=AT_TERMINAL)
    return counter


@pytest.mark.parametrize("contact", ["0612345678", "+33 6 12 34 56 78", "06.12.34.56.78", "CAMILLE@example.org"])
def test_found_by_the_whole_address_or_number_however_written(counter: Counter, contact: str) -> None:
    (found,) = past_customers(contact=contact, access=EVERYTHING)
    assert (found.name, found.address["city"], found.language) == ("Camille Martin", "Lille", "fr")


@pytest.mark.parametrize("contact", ["", "Camille", "5678", "camille@", "0612345679"])
def test_a_part_of_it_finds_nobody(counter: Counter, contact: str) -> None:
    assert past_customers(contact=contact, access=EVERYTHING) == []


def test_another_stores_customers_are_not_found(counter: Counter) -> None:
    far = Access(stock_points=frozenset({counter.lyon.pk + 1000}), channels=None)
    near = Access(stock_points=frozenset({counter.lille.pk}), channels=None)
    assert past_customers(contact="0612345678", access=far) == []
    assert len(past_customers(contact="0612345678", access=near)) == 1


def test_the_same_customer_is_told_once(counter: Counter) -> None:
    check_out(basket_id=counter.ready(counter.add(counter.shirt)).pk, payment=AT_TERMINAL)
    assert Order.objects.count() == 2
    assert len(past_customers(contact="0612345678", access=EVERYTHING)) == 1


def test_one_query_through_an_index(counter: Counter, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1) as captured:
        past_customers(contact="0612345678", access=EVERYTHING)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute("EXPLAIN " + captured[0]["sql"].replace('ORDER BY "orders_order"."id" DESC', ""))
        assert "order_by_customer_phone" in str(cursor.fetchall())
