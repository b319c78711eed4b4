"""What somebody else asked a person to look at is not taken back by sourcing."""

from __future__ import annotations

from oms.core.services.relaying import drain_events
from orders.models import Order
from orders.services.sourcing import source_order
from tests.orders.conftest import Shop
from tests.orders.making import place
from tests.stock.making import receive

REFUSED = "Label refused: The postcode is not served."


def attention(order: Order) -> str:
    return Order.objects.get(pk=order.pk).needs_attention


def test_sourcing_again_keeps_the_calls_of_others(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    Order.objects.filter(pk=order.pk).update(needs_attention=REFUSED)
    drain_events()
    assert attention(order) == REFUSED


def test_sourcing_adds_its_own_call_and_takes_back_only_that(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 5})
    receive(shop.variants[0], shop.near, -5, kind="count")
    receive(shop.variants[0], shop.far, -5, kind="count")
    Order.objects.filter(pk=order.pk).update(needs_attention=REFUSED)
    source_order(order_id=order.pk)
    assert attention(order) == f"{REFUSED} Some units find no stock point."
    receive(shop.variants[0], shop.near, 5)
    source_order(order_id=order.pk)
    assert attention(order) == REFUSED
