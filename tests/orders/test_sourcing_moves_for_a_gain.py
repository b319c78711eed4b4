"""A later decision moves reserved goods only where that is worth it, and nothing is decided for a held order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from oms.core.services.relaying import drain_events
from oms.orchestration.queries.runs import runs_for
from orders.services.holding import hold_order, release_order
from orders.services.sourcing import source_order
from tests.orders.conftest import Shop
from tests.orders.making import events, place, slices, state_of, works
from tests.stock.making import figures, receive
from tests.support.holding import assert_invariants_hold


def at_the_far_point(shop: Shop, units: int = 1) -> Any:
    """An order placed while the near warehouse was empty; its goods came back before it was sourced."""
    first = shop.variants[0]
    receive(first, shop.near, -5, kind="adjustment")
    order = place(shop.channel, {first.sku: units})
    assert slices(order) == {(first.sku, shop.far.code, units, "reserved")}
    receive(first, shop.near, 5)
    return order


def test_goods_move_to_where_they_cost_less(shop: Shop) -> None:
    order = at_the_far_point(shop)
    drain_events()
    assert works(order) == [(shop.near.code, "accepted")]
    assert figures(shop.variants[0], shop.far) == (5, 0, 0)
    assert figures(shop.variants[0], shop.near) == (5, 1, 0)
    assert [(run["trigger"], run["outcome"]) for run in runs_for(order.number)] == [
        ("placed", "planned"),
        ("sourced", "planned"),
    ]
    assert_invariants_hold()


def test_a_gain_too_small_keeps_them(shop: Shop, settings: Any) -> None:
    settings.SOURCING_WORTHWHILE_GAIN = "100"
    order = at_the_far_point(shop)
    drain_events()
    assert works(order) == [(shop.far.code, "accepted")]
    run = runs_for(order.number)[-1]
    assert (run["trigger"], run["outcome"]) == ("sourced", "kept")
    assert_invariants_hold()


def test_goods_that_lie_best_already_are_kept(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    assert [(run["trigger"], run["outcome"]) for run in runs_for(order.number)] == [
        ("placed", "planned"),
        ("sourced", "kept"),
    ]


def test_sourcing_again_changes_nothing(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    source_order(order_id=order.pk)
    before = (slices(order), works(order), events(order), len(runs_for(order.number)))
    source_order(order_id=order.pk)
    drain_events()
    assert (slices(order), works(order), events(order), len(runs_for(order.number))) == before


def test_a_held_order_is_not_sourced_until_it_is_released(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1})
    hold_order(order_id=order.pk, reason="address to be checked")
    drain_events()
    assert (works(order), state_of(order)) == ([], "confirmed")
    release_order(order_id=order.pk)
    drain_events()
    assert (works(order), state_of(order)) == ([(shop.near.code, "accepted")], "in_progress")
    assert events(order)[-4:] == ["order.held", "order.released", "fulfilment.assigned", "order.sourced"]


def test_an_order_that_wants_everything_together_waits_for_what_is_missing(shop: Shop) -> None:
    shop.channel.allows_backorders = True
    shop.channel.save()
    first = shop.variants[0]
    order = place(shop.channel, {first.sku: 11, shop.skus[1]: 1}, consolidate=True)
    drain_events()
    assert works(order) == []
    receive(first, shop.near, 1)
    drain_events()
    assert [state for _, state in works(order)] == ["accepted", "accepted"]
    assert_invariants_hold()


def test_capacity_is_taken_at_the_stock_point_and_the_next_order_goes_elsewhere(shop: Shop) -> None:
    shop.near.daily_order_capacity = 1
    shop.near.save()
    first = place(shop.channel, {shop.skus[0]: 1})
    second = place(shop.channel, {shop.skus[0]: 1})
    assert slices(second) == {(shop.skus[0], shop.near.code, 1, "reserved")}
    drain_events()
    assert works(first) == [(shop.near.code, "accepted")]
    assert works(second) == [(shop.far.code, "accepted")]
    assert figures(shop.variants[0], shop.near) == (5, 1, 0)
    assert Decimal(first.total) == Decimal("10.00")
    assert_invariants_hold()
