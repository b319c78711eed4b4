"""In stock, and no rule plans them: queued, back-ordered or refused, as the rule set says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.core import clock
from oms.core.services.relaying import drain_events
from oms.orchestration.services.rule_sets import publish, save_draft
from orders.models import Order
from orders.services.sweeping import give_up_unfillable
from orders.services.waiting import retry_waiting_orders
from stock.errors import InsufficientStock
from tests.orders.conftest import Shop
from tests.orders.making import events, place, slices, state_of, works
from tests.stock.making import figures
from tests.support.holding import assert_invariants_hold


def only_from(shop: Shop, kind: str, **when_nothing_fits: Any) -> None:
    """A rule set that plans from one kind of stock point only."""
    document = {
        "name": "only",
        "priority": 1,
        "applies_to": {"channels": [shop.channel.code]},
        "rules": [{"name": "only", "filters": {"kinds": [kind]}}],
        "when_nothing_fits": when_nothing_fits,
    }
    save_draft(code="only", document=document)
    publish(code="only")


def test_queue_keeps_them_reserved_where_they_lie_cheapest(shop: Shop) -> None:
    only_from(shop, "store", action="queue")
    order = place(shop.channel, {shop.skus[0]: 2})
    assert order.state == "confirmed"
    assert slices(order) == {(shop.skus[0], shop.near.code, 2, "unfillable")}
    assert figures(shop.variants[0], shop.near) == (5, 2, 0)
    drain_events()
    assert works(order) == []
    assert slices(order) == {(shop.skus[0], shop.near.code, 2, "unfillable")}
    assert Order.objects.get(pk=order.pk).needs_attention == "Some units find no stock point."
    assert_invariants_hold()


def test_queued_units_are_sourced_once_a_rule_takes_them(shop: Shop) -> None:
    only_from(shop, "store", action="queue")
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    only_from(shop, "warehouse", action="queue")
    assert retry_waiting_orders() == 1
    assert works(order) == [(shop.near.code, "accepted")]
    assert slices(order) == {(shop.skus[0], shop.near.code, 2, "assigned")}
    assert Order.objects.get(pk=order.pk).needs_attention == ""
    assert_invariants_hold()


def test_queued_units_are_cancelled_after_the_days_the_rule_set_says(shop: Shop) -> None:
    only_from(shop, "store", action="queue", cancel_after_days=3)
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    with clock.set_clock(clock.now() + timedelta(days=2, hours=23)) as time:
        assert give_up_unfillable() == 0
        time.advance(timedelta(hours=2))
        assert give_up_unfillable() == 1
    assert slices(order) == {(shop.skus[0], shop.near.code, 2, "cancelled")}
    assert state_of(order) == "cancelled"
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)
    assert "order.cancelled" in events(order)
    assert_invariants_hold()


def test_backorder_reserves_nothing(shop: Shop) -> None:
    only_from(shop, "store", action="backorder")
    order = place(shop.channel, {shop.skus[0]: 2})
    assert slices(order) == {(shop.skus[0], None, 2, "backordered")}
    assert figures(shop.variants[0], shop.near) == (5, 0, 0)
    assert_invariants_hold()


def test_cancel_refuses_the_order(shop: Shop) -> None:
    only_from(shop, "store", action="cancel")
    with pytest.raises(InsufficientStock) as refused:
        place(shop.channel, {shop.skus[0]: 2})
    assert refused.value.data == {"lines": [{"sku": shop.skus[0], "requested": 2, "available": 0}]}
    assert Order.objects.count() == 0


def test_units_that_lie_where_the_mode_is_not_offered_are_missing(shop: Shop) -> None:
    """Click and collect takes from the shop's own shelf: what lies in a warehouse cannot be collected there."""
    with pytest.raises(InsufficientStock) as refused:
        place(shop.channel, {shop.skus[0]: 1}, mode="pickup", pickup_point=shop.store.code, shipping_address=None)
    assert refused.value.data == {"lines": [{"sku": shop.skus[0], "requested": 1, "available": 0}]}
