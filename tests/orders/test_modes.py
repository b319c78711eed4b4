"""Other ways to receive goods than a parcel at home."""

from __future__ import annotations

from oms.core.services.relaying import drain_events
from orders.models import Fulfilment
from orders.services.requests import RequestedLine
from tests.factories.network import make_channel
from tests.orders.conftest import Shop
from tests.orders.making import payments, place, slices, state_of, works
from tests.stock.making import figures, ledger, receive
from tests.support.holding import assert_invariants_hold


def test_an_e_reservation_is_confirmed_without_payment_and_kept_in_its_store(shop: Shop) -> None:
    receive(shop.variants[0], shop.store, 1)
    order = place(
        shop.channel,
        {shop.skus[0]: 1},
        mode="e_reservation",
        pickup_point=shop.store.code,
        shipping_address=None,
        payments=(),
    )
    assert (order.state, payments(order)) == ("confirmed", [])
    drain_events()
    work = Fulfilment.objects.get(order=order)
    assert (work.mode, work.stock_point_id, work.state) == ("e_reservation", shop.store.pk, "offered")
    assert_invariants_hold()


def test_a_marketplace_was_paid_already(shop: Shop) -> None:
    channel = make_channel(kind="marketplace")
    assert place(channel, {shop.skus[0]: 1}, payments=()).state == "confirmed"


def test_carried_out_goods_are_sold_off_the_shelf_at_once(shop: Shop) -> None:
    receive(shop.variants[0], shop.store, 2)
    order = place(
        shop.channel,
        {shop.skus[0]: 2},
        mode="carry_out",
        selling_stock_point=shop.store.code,
        shipping_address=None,
    )
    assert slices(order) == {(shop.skus[0], shop.store.code, 2, "reserved")}
    drain_events()
    assert slices(order) == {(shop.skus[0], shop.store.code, 2, "collected")}
    assert figures(shop.variants[0], shop.store) == (0, 0, 0)
    assert ledger(shop.variants[0], shop.store)[-1] == ("sale", -2)
    assert (state_of(order), payments(order)) == ("fulfilled", [("captured", "20.00", "0.00", "0.00")])
    assert works(order) == []
    assert_invariants_hold()


def test_one_order_may_be_partly_carried_out_partly_collected_and_partly_sent(shop: Shop) -> None:
    first, second, third = shop.skus
    for variant in shop.variants[:2]:
        receive(variant, shop.store, 1)
    lines = [
        RequestedLine(first, 1, mode="carry_out"),
        RequestedLine(second, 1, mode="pickup", pickup_point=shop.store.code),
        RequestedLine(third, 1),
    ]
    order = place(shop.channel, lines, selling_stock_point=shop.store.code)
    drain_events()
    assert slices(order) == {
        (first, shop.store.code, 1, "collected"),
        (second, shop.store.code, 1, "offered"),
        (third, shop.near.code, 1, "assigned"),
    }
    assert state_of(order) == "partially_fulfilled"
    assert sorted(Fulfilment.objects.filter(order=order).values_list("mode", "stock_point__code")) == sorted(
        [("pickup", shop.store.code), ("home", shop.near.code)]
    )
    assert payments(order) == [("partially_captured", "10.00", "0.00", "0.00")]
    assert_invariants_hold()


def test_lines_received_in_two_ways_never_plan_the_same_unit(shop: Shop) -> None:
    """One unit lies in the store: either it is sent or it is collected, not both."""
    first = shop.variants[0]
    receive(first, shop.near, -5, kind="adjustment")
    receive(first, shop.far, -4, kind="adjustment")
    receive(first, shop.store, 1)
    lines = [
        RequestedLine(first.sku, 1, mode="pickup", pickup_point=shop.store.code),
        RequestedLine(first.sku, 1),
    ]
    order = place(shop.channel, lines)
    assert slices(order) == {
        (first.sku, shop.store.code, 1, "reserved"),
        (first.sku, shop.far.code, 1, "reserved"),
    }
    assert_invariants_hold()
