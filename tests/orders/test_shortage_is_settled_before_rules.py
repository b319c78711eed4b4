"""Each line is first cut to what the channel may promise; the rest is refused, cancelled or back-ordered."""

from __future__ import annotations

import pytest

from orders.models import Order
from orders.services.requests import RequestedLine
from stock.errors import InsufficientStock
from stock.models import Reservation
from tests.orders.conftest import Shop
from tests.orders.making import place, slices
from tests.stock.making import figures
from tests.support.holding import assert_invariants_hold


def test_it_is_refused_with_what_there_is_and_nothing_is_kept(shop: Shop) -> None:
    with pytest.raises(InsufficientStock) as refused:
        place(shop.channel, {shop.skus[0]: 11, shop.skus[1]: 1})
    assert refused.value.data == {"lines": [{"sku": shop.skus[0], "requested": 11, "available": 10}]}
    assert Order.objects.count() == 0
    assert Reservation.objects.count() == 0
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)


def test_lines_of_one_article_share_what_there_is(shop: Shop) -> None:
    sku = shop.skus[0]
    with pytest.raises(InsufficientStock) as refused:
        place(shop.channel, [RequestedLine(sku, 6), RequestedLine(sku, 6)])
    assert refused.value.data == {"lines": [{"sku": sku, "requested": 12, "available": 10}]}


def test_a_partial_order_sends_what_there_is_and_cancels_the_rest(shop: Shop) -> None:
    sku = shop.skus[0]
    order = place(shop.channel, {sku: 12}, allow_partial=True)
    assert order.state == "confirmed"
    assert slices(order) == {
        (sku, None, 2, "cancelled"),
        (sku, shop.far.code, 5, "reserved"),
        (sku, shop.near.code, 5, "reserved"),
    }
    line = order.lines.get()
    assert (line.quantity, line.cancelled_quantity) == (12, 2)
    assert_invariants_hold()


def test_a_partial_order_of_nothing_at_all_is_refused(shop: Shop) -> None:
    place(shop.channel, {shop.skus[0]: 10})
    with pytest.raises(InsufficientStock) as refused:
        place(shop.channel, {shop.skus[0]: 1}, allow_partial=True)
    assert refused.value.data == {"lines": [{"sku": shop.skus[0], "requested": 1, "available": 0}]}
    assert Order.objects.count() == 1


def test_a_channel_that_back_orders_uses_all_stock_first(shop: Shop) -> None:
    shop.channel.allows_backorders = True
    shop.channel.save()
    first, second = shop.skus[:2]
    order = place(shop.channel, {first: 12, second: 1})
    assert order.state == "confirmed"
    assert slices(order) == {
        (first, None, 2, "backordered"),
        (first, shop.far.code, 5, "reserved"),
        (first, shop.near.code, 5, "reserved"),
        (second, shop.near.code, 1, "reserved"),
    }
    assert_invariants_hold()


def test_nothing_on_hand_at_all_is_back_ordered_whole(shop: Shop) -> None:
    shop.channel.allows_backorders = True
    shop.channel.save()
    place(shop.channel, {shop.skus[0]: 10})
    order = place(shop.channel, {shop.skus[0]: 3})
    assert slices(order) == {(shop.skus[0], None, 3, "backordered")}
    assert (order.state, order.promise) == ("confirmed", None)
    assert_invariants_hold()


def test_the_customers_wish_for_part_goes_before_the_channels_back_orders(shop: Shop) -> None:
    shop.channel.allows_backorders = True
    shop.channel.save()
    order = place(shop.channel, {shop.skus[0]: 11}, allow_partial=True)
    assert (shop.skus[0], None, 1, "cancelled") in slices(order)
