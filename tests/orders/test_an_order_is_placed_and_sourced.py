"""The main road: placed and paid in one call, sourced by the event it emits."""

from __future__ import annotations

from oms.core.services.relaying import drain_events
from orders.models import Order
from tests.orders.conftest import Shop
from tests.orders.making import events, payments, place, slices, state_of, works
from tests.stock.making import figures, reservations
from tests.support.holding import assert_invariants_hold


def test_a_paid_order_is_confirmed_with_its_stock_reserved_at_the_cheapest_point(shop: Shop) -> None:
    first, second, _ = shop.variants
    order = place(shop.channel, {first.sku: 2, second.sku: 1})
    assert order.state == "confirmed"
    assert slices(order) == {(first.sku, shop.near.code, 2, "reserved"), (second.sku, shop.near.code, 1, "reserved")}
    assert figures(first, shop.near) == (5, 2, 0)
    assert reservations(f"order:{order.number}") == [
        (first.sku, shop.near.code, 2, "confirmed"),
        (second.sku, shop.near.code, 1, "confirmed"),
    ]
    assert payments(order) == [("authorised", "0.00", "0.00", "0.00")]
    assert events(order) == ["order.placed", "order.confirmed"]
    assert_invariants_hold()


def test_its_event_gives_the_work_to_the_stock_point(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 2})
    drain_events()
    assert works(order) == [(shop.near.code, "accepted")]
    assert slices(order) == {(shop.skus[0], shop.near.code, 2, "assigned")}
    assert state_of(order) == "in_progress"
    assert events(order) == ["order.placed", "order.confirmed", "fulfilment.assigned", "order.sourced"]
    assert_invariants_hold()


def test_amounts_include_tax_and_the_promise_has_a_date(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 3})
    found = Order.objects.get(pk=order.pk)
    assert (str(found.subtotal), str(found.shipping), str(found.tax), str(found.total)) == (
        "30.00",
        "0.00",
        "5.00",
        "30.00",
    )
    assert found.promise is not None
    assert found.promise["promised_on"] == found.promised_on.isoformat()
