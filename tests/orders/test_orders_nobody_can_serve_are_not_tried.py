"""A unit that comes is offered to who waits for it and can have it; nobody else's turn is taken in vain."""

from __future__ import annotations

from oms.core import clock
from oms.core.services.relaying import drain_events
from orders.models import Exclusion, Order
from orders.services.waiting import retry_waiting_orders
from stock.models import StockPoint
from tests.orders.conftest import Shop
from tests.orders.making import place, slices
from tests.stock.making import receive


def waiting_order(shop: Shop) -> Order:
    """For one unit of the first article, of which all others are promised."""
    shop.channel.allows_backorders = True
    shop.channel.save()
    place(shop.channel, {shop.skus[0]: 10})
    order = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    return order


def refuse(order: Order, point: StockPoint) -> None:
    Exclusion.objects.create(line=order.lines.get(), stock_point=point, reason="declined", at=clock.now())


def tried(shop: Shop) -> int:
    return retry_waiting_orders(variant_ids=[shop.variants[0].pk])


def test_refused_where_it_came_and_not_tried(shop: Shop) -> None:
    order = waiting_order(shop)
    refuse(order, shop.near)
    receive(shop.variants[0], shop.near, 1)
    assert tried(shop) == 0


def test_refused_elsewhere_and_served_where_it_came(shop: Shop) -> None:
    order = waiting_order(shop)
    refuse(order, shop.far)
    receive(shop.variants[0], shop.near, 1)
    assert tried(shop) == 1
    assert slices(order) == {(shop.skus[0], shop.near.code, 1, "assigned")}


def test_declined_too_often_and_left_to_a_person(shop: Shop) -> None:
    order = waiting_order(shop)
    Order.objects.filter(pk=order.pk).update(hops=99)
    receive(shop.variants[0], shop.near, 1)
    assert (tried(shop), retry_waiting_orders()) == (0, 0)
    assert slices(order) == {(shop.skus[0], None, 1, "backordered")}
