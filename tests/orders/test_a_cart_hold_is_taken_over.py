from __future__ import annotations

from datetime import timedelta

import pytest

from oms.core import clock
from stock.errors import InsufficientStock
from stock.services.holding import hold_cart
from tests.orders.conftest import Shop
from tests.orders.making import place, slices
from tests.stock.making import figures, reservations
from tests.support.holding import assert_invariants_hold


def hold(shop: Shop, reference: str, units: int) -> None:
    hold_cart(
        reference=reference,
        channel_id=shop.channel.pk,
        lines=[(shop.variants[0].pk, units)],
        expires_at=clock.now() + timedelta(minutes=15),
    )


def test_its_units_count_as_free_for_its_own_order_only(shop: Shop) -> None:
    hold(shop, "cart-1", 10)
    with pytest.raises(InsufficientStock):
        place(shop.channel, {shop.skus[0]: 1})
    order = place(shop.channel, {shop.skus[0]: 6}, reservation="cart-1")
    assert slices(order) == {
        (shop.skus[0], shop.near.code, 5, "reserved"),
        (shop.skus[0], shop.far.code, 1, "reserved"),
    }
    assert figures(shop.variants[0], shop.near) == (5, 5, 0)
    assert figures(shop.variants[0], shop.far) == (5, 1, 0)
    assert {state for *_, state in reservations("hold:cart-1")} == {"released"}
    assert_invariants_hold()


def test_a_refused_order_leaves_the_hold_as_it_was(shop: Shop) -> None:
    hold(shop, "cart-1", 4)
    with pytest.raises(InsufficientStock):
        place(shop.channel, {shop.skus[0]: 11}, reservation="cart-1")
    assert {state for *_, state in reservations("hold:cart-1")} == {"held"}


def test_a_hold_that_is_over_is_as_good_as_none(shop: Shop) -> None:
    order = place(shop.channel, {shop.skus[0]: 1}, reservation="cart-nobody-knows")
    assert slices(order) == {(shop.skus[0], shop.near.code, 1, "reserved")}
