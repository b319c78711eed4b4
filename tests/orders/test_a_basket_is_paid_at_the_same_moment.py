"""Two presses of the same button, each on a connection of its own: one order, one request to the terminal."""

from __future__ import annotations

import pytest

from orders.models import Basket, Order, SimulatedTransaction
from orders.services.checking_out import check_out
from tests.orders.counter import AT_TERMINAL, BY_LINK, open_counter
from tests.support.concurrently import at_once


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_it_is_sold_once() -> None:
    counter = open_counter()
    basket = counter.ready(counter.add(counter.shirt, 2))
    found = at_once([lambda: check_out(basket_id=basket.pk, payment=AT_TERMINAL)] * 4)
    assert {order.pk for order in found if isinstance(order, Order)} == {Order.objects.get().pk}
    assert [each for each in found if not isinstance(each, Order)] == []
    assert SimulatedTransaction.objects.count() == 1
    assert Basket.objects.get().order == Order.objects.get()


@pytest.mark.django_db(transaction=True)
def test_by_card_and_by_link_at_once_it_is_sold_once() -> None:
    counter = open_counter()
    basket = counter.ready(counter.add(counter.shirt, 2))
    at_once([lambda means=means: check_out(basket_id=basket.pk, payment=means) for means in (AT_TERMINAL, BY_LINK)])
    assert Order.objects.count() == 1
    assert SimulatedTransaction.objects.count() == 1
