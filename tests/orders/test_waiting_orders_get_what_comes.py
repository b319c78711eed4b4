from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core.services.relaying import drain_events
from oms.orchestration.queries.runs import runs_for
from orders.services import waiting
from orders.services.cancelling import cancel_order
from orders.services.holding import hold_order
from orders.services.waiting import retry_waiting_orders
from tests.orders.conftest import Shop
from tests.orders.making import place, slices, state_of, works
from tests.stock.making import figures, receive
from tests.support.holding import assert_invariants_hold


def with_backorders(shop: Shop) -> None:
    shop.channel.allows_backorders = True
    shop.channel.save()


def test_stock_that_comes_goes_to_whoever_has_waited_longest(shop: Shop) -> None:
    with_backorders(shop)
    first = shop.variants[0]
    place(shop.channel, {first.sku: 10})
    older = place(shop.channel, {first.sku: 2})
    younger = place(shop.channel, {first.sku: 2})
    drain_events()
    receive(first, shop.near, 3)
    drain_events()
    assert slices(older) == {(first.sku, shop.near.code, 2, "assigned")}
    assert slices(younger) == {
        (first.sku, shop.near.code, 1, "assigned"),
        (first.sku, None, 1, "backordered"),
    }
    assert_invariants_hold()


def test_what_a_cancelled_order_frees_goes_to_them_too(shop: Shop) -> None:
    with_backorders(shop)
    sku = shop.skus[0]
    holder = place(shop.channel, {sku: 10})
    waiting = place(shop.channel, {sku: 4})
    drain_events()
    assert slices(waiting) == {(sku, None, 4, "backordered")}
    cancel_order(order_id=holder.pk)
    drain_events()
    assert slices(waiting) == {(sku, shop.near.code, 4, "assigned")}
    assert_invariants_hold()


def test_trying_in_vain_leaves_no_trace(shop: Shop) -> None:
    with_backorders(shop)
    place(shop.channel, {shop.skus[0]: 10})
    waiting = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    runs = len(runs_for(waiting.number))
    assert retry_waiting_orders() == 1
    assert len(runs_for(waiting.number)) == runs
    assert (slices(waiting), state_of(waiting)) == ({(shop.skus[0], None, 1, "backordered")}, "confirmed")


def test_a_level_that_falls_short_sends_the_newest_promises_elsewhere(shop: Shop) -> None:
    first = shop.variants[0]
    older = place(shop.channel, {first.sku: 2})
    younger = place(shop.channel, {first.sku: 2})
    drain_events()
    receive(first, shop.near, -2, kind="count")
    drain_events()
    assert figures(first, shop.near) == (3, 2, 0)
    assert works(older) == [(shop.near.code, "accepted")]
    assert works(younger) == [(shop.near.code, "cancelled"), (shop.far.code, "accepted")]
    assert_invariants_hold()


def test_a_promise_that_can_be_kept_nowhere_waits(shop: Shop) -> None:
    first = shop.variants[0]
    receive(first, shop.far, -5, kind="count")
    order = place(shop.channel, {first.sku: 2})
    drain_events()
    receive(first, shop.near, -4, kind="count")
    drain_events()
    assert slices(order) == {(first.sku, shop.near.code, 1, "assigned"), (first.sku, None, 1, "unfillable")}
    assert figures(first, shop.near) == (1, 1, 0)
    assert_invariants_hold()


def test_orders_on_hold_leave_their_turn_to_others(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with_backorders(shop)
    first = shop.variants[0]
    place(shop.channel, {first.sku: 10})
    held, other = (place(shop.channel, {first.sku: 1}) for _ in range(2))
    drain_events()
    hold_order(order_id=held.pk, reason="call")
    monkeypatch.setattr(waiting, "AT_ONCE", 1)
    receive(first, shop.near, 1)
    drain_events()
    assert slices(other) == {(first.sku, shop.near.code, 1, "assigned")}
    assert slices(held) == {(first.sku, None, 1, "backordered")}


def test_what_is_free_is_asked_once_for_all_that_wait_in_vain(shop: Shop) -> None:
    with_backorders(shop)
    place(shop.channel, dict.fromkeys(shop.skus, 10))
    for _ in range(4):
        place(shop.channel, dict.fromkeys(shop.skus, 1))
    drain_events()
    with CaptureQueriesContext(connection) as captured:
        assert retry_waiting_orders(variant_ids=[variant.pk for variant in shop.variants]) == 0
    assert len(captured) == 2
