"""Orders reserve in the statement that writes them, hot articles' carts together: between them they sell every unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from oms.core import clock
from stock.errors import InsufficientStock
from stock.models import Reservation
from stock.services.holding import hold_cart
from tests.factories.network import make_channel, make_stock_point, make_variant, unique
from tests.orders.making import place
from tests.stock.making import figures, receive
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db(transaction=True)

UNITS = 16


def until_refused(buy: Callable[[], object]) -> Callable[[], int]:
    def go() -> int:
        bought = 0
        while True:
            try:
                buy()
            except InsufficientStock:
                return bought
            bought += 1

    return go


def test_every_unit_is_sold_once_to_orders_and_carts_that_come_at_once():
    point, shirt = make_stock_point(), make_variant()
    shirt.is_hot = True
    shirt.save()
    web = make_channel(stock_points=[point])
    receive(shirt, point, UNITS)
    later = clock.now() + timedelta(minutes=10)

    def order() -> None:
        place(web, {shirt.sku: 1})

    def cart() -> None:
        hold_cart(reference=unique("cart"), channel_id=web.pk, lines=[(shirt.pk, 1)], expires_at=later)

    got = at_once([until_refused(buy) for buy in (order, cart, order, cart, cart)], timeout_s=240)
    assert sum(got) == UNITS
    assert figures(shirt, point) == (UNITS, UNITS, 0)
    assert Reservation.objects.live().filter(owner__startswith="hold:").count() == got[1] + got[3] + got[4]
    assert_invariants_hold()
