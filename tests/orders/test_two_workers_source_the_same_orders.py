"""Two workers plan overlapping orders from the same reading, then write: each order is given out once, no stock is
sold twice and no place is taken that is not there."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, get_ident
from typing import Any

import pytest

from oms.orchestration.models import CapacityUse
from orders.models import Fulfilment
from orders.services import fulfilling, sourcing_many
from orders.services.sourcing_many import source_orders
from tests.orders.conftest import Shop, open_shop
from tests.orders.making import place
from tests.stock.making import figures
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db(transaction=True)


def orders_of(shop: Shop) -> list[int]:
    """Ten orders want the near warehouse, which takes three a day and has five units of each article."""
    ids = [place(shop.channel, {shop.skus[n % 3]: 1 + n % 2}).pk for n in range(10)]
    shop.near.daily_order_capacity = 3
    shop.near.save()
    return ids


def two_at_once(monkeypatch: Any, first: list[int], second: list[int]) -> list[BaseException | None]:
    """Both have looked ahead, and decided, before either writes anything."""
    look_ahead: Callable[..., Any] = sourcing_many._look_ahead
    decided = Barrier(2)
    waited = set[int]()

    def look(order_ids: list[int], trigger: str) -> Any:
        found = look_ahead(order_ids, trigger)
        if get_ident() not in waited:
            waited.add(get_ident())
            decided.wait(60)
        return found

    monkeypatch.setattr(sourcing_many, "_look_ahead", look)
    return at_once([lambda: source_orders(order_ids=first), lambda: source_orders(order_ids=second)])


def given_out(order_ids: list[int]) -> list[int]:
    """How many works each order has."""
    return [Fulfilment.objects.filter(order_id=order_id).count() for order_id in order_ids]


def test_each_order_is_given_out_once(monkeypatch: Any) -> None:
    shop = open_shop()
    ids = orders_of(shop)
    assert two_at_once(monkeypatch, ids[:7], ids[3:]) == [None, None]
    assert given_out(ids) == [1] * 10
    assert CapacityUse.objects.get(stock_point=shop.near).used == 3
    for variant in shop.variants:
        for point in (shop.near, shop.far):
            on_hand, reserved, _ = figures(variant, point)
            assert 0 <= reserved <= on_hand
    assert_invariants_hold()


def test_without_the_locks_an_order_is_given_out_twice(monkeypatch: Any) -> None:
    """The negative control: it is the orders' locks, and the guard on their slices, that the test above proves."""
    shop = open_shop()
    ids = [place(shop.channel, {sku: 1}).pk for sku in shop.skus]
    monkeypatch.setattr(sourcing_many, "lock_standings", lambda read: set())
    monkeypatch.setattr(sourcing_many, "roll_up_orders", lambda order_ids: None)
    unguarded = fulfilling._HAND_SLICES.replace("AND slice.state = %s", "AND %s::text IS NOT NULL")
    monkeypatch.setattr(fulfilling, "_HAND_SLICES", unguarded)
    assert two_at_once(monkeypatch, ids, [ids[1], ids[0], ids[2]]) == [None, None]
    assert given_out(ids) == [2, 2, 2]
