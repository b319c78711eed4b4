"""Orders of a channel with an allotment: cut or refused before any rule plans them."""

from __future__ import annotations

import pytest

from oms.core.bulk import Row
from oms.core.services.relaying import drain_events
from orders.models import Order
from orders.services.cancelling import cancel_order
from stock.errors import InsufficientStock
from stock.services.allotting import save_allotments
from tests.orders.conftest import Shop
from tests.orders.making import place, slices
from tests.support.holding import assert_invariants_hold


def allot(shop: Shop, quantity: int) -> None:
    row = {"channel": shop.channel.code, "sku": shop.skus[0], "quantity": quantity}
    assert save_allotments(rows=[Row(0, row)]).errors == []


def test_more_is_refused_with_what_may_be_had(shop: Shop) -> None:
    allot(shop, 3)
    with pytest.raises(InsufficientStock) as refused:
        place(shop.channel, {shop.skus[0]: 4})
    assert refused.value.data["lines"] == [{"sku": shop.skus[0], "requested": 4, "available": 3}]
    assert Order.objects.count() == 0


def test_what_may_be_had_is_had_and_given_back_by_cancelling(shop: Shop) -> None:
    allot(shop, 3)
    order = place(shop.channel, {shop.skus[0]: 3})
    drain_events()
    assert slices(order) == {(shop.skus[0], shop.near.code, 3, "assigned")}
    with pytest.raises(InsufficientStock):
        place(shop.channel, {shop.skus[0]: 1})
    cancel_order(order_id=order.pk)
    place(shop.channel, {shop.skus[0]: 3})
    assert_invariants_hold()


def test_part_of_an_order_is_taken_where_the_customer_wants_it(shop: Shop) -> None:
    allot(shop, 3)
    order = place(shop.channel, {shop.skus[0]: 5}, allow_partial=True)
    drain_events()
    assert slices(order) == {(shop.skus[0], shop.near.code, 3, "assigned"), (shop.skus[0], None, 2, "cancelled")}
    assert_invariants_hold()
