"""Between planning and reserving somebody was faster: planned again, and the last time with the levels locked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oms.core import clock
from oms.core.errors import ConcurrentChange
from orders.models import Order
from orders.services import placing
from orders.services.demands import place_demand
from orders.services.placements import Placement
from orders.services.placing import TRIES, find_or_place_order, place_order
from stock.errors import InsufficientStock
from stock.models import Reservation, StockLevel
from stock.services.holding import delete_hold, hold_cart
from stock.services.reserving import Want, reserve_stock
from tests.orders.conftest import Shop, open_shop
from tests.orders.making import place, request_for, slices
from tests.stock.making import figures, receive
from tests.support.concurrently import Elsewhere, at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return open_shop()


def stealing(shop: Shop, monkeypatch: pytest.MonkeyPatch, thefts: list[tuple[Any, int]]) -> None:
    """After each plan another connection takes so many units of the first article at a stock point."""
    left = iter(thefts)

    def planned(*args: Any, **values: Any) -> Placement:
        placement = place_demand(*args, **values)
        theft = next(left, None)
        if theft is not None:
            point, units = theft
            want = Want(shop.variants[0].pk, point.pk, units)
            with Elsewhere(lambda: reserve_stock(owner="thief", channel_id=shop.channel.pk, wants=[want])) as thief:
                thief.result()
        return placement

    monkeypatch.setattr(placing, "place_demand", planned)


def test_a_lost_race_is_planned_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    stealing(shop, monkeypatch, [(shop.near, 4)])
    order = place(shop.channel, {shop.skus[0]: 2})
    assert slices(order) == {(shop.skus[0], shop.far.code, 2, "reserved")}
    assert Order.objects.count() == 1
    assert_invariants_hold()


def test_after_three_lost_races_the_levels_are_locked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    receive(shop.variants[0], shop.store, 5)
    stealing(shop, monkeypatch, [(shop.near, 4), (shop.store, 4), (shop.far, 4)])
    locked: list[bool] = []
    lock_levels = placing.lock_levels

    def locking(**values: Any) -> Any:
        locked.append(True)
        return lock_levels(**values)

    monkeypatch.setattr(placing, "lock_levels", locking)
    order = place(shop.channel, {shop.skus[0]: 2})
    assert (TRIES, len(locked)) == (3, 1)
    assert slices(order) == {
        (shop.skus[0], shop.near.code, 1, "reserved"),
        (shop.skus[0], shop.store.code, 1, "reserved"),
    }
    assert_invariants_hold()


def test_it_is_refused_only_when_a_fresh_read_shows_too_little(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    stealing(shop, monkeypatch, [(shop.near, 5)])
    with pytest.raises(InsufficientStock) as refused:
        place(shop.channel, {shop.skus[0]: 6})
    assert refused.value.data == {"lines": [{"sku": shop.skus[0], "requested": 6, "available": 5}]}
    assert Order.objects.count() == 0
    assert list(Reservation.objects.values_list("owner", flat=True)) == ["thief"]


def test_the_last_units_go_to_as_many_buyers(shop: Shop) -> None:
    requests = [request_for(shop.channel, {shop.skus[0]: 2}) for _ in range(8)]
    outcomes = at_once([lambda request=request: place_order(request=request) for request in requests])
    placed = [outcome for outcome in outcomes if isinstance(outcome, Order)]
    assert len(placed) == 5
    assert sum(isinstance(outcome, InsufficientStock) for outcome in outcomes) == 3
    assert (figures(shop.variants[0], shop.near)[1], figures(shop.variants[0], shop.far)[1]) == (5, 5)
    assert_invariants_hold()


def test_twins_are_one_order(shop: Shop) -> None:
    request = request_for(shop.channel, {shop.skus[0]: 10})
    outcomes = at_once([lambda: find_or_place_order(request=request)] * 6)
    assert not [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert len({order.number for order, _ in outcomes}) == 1
    assert sorted(is_new for _, is_new in outcomes) == [False] * 5 + [True]
    assert Order.objects.count() == 1
    assert_invariants_hold()


def test_a_hold_that_ends_before_the_last_try_is_as_good_as_none(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    hold_cart(
        reference="cart-1",
        channel_id=shop.channel.pk,
        lines=[(shop.variants[0].pk, 2)],
        expires_at=clock.now() + timedelta(minutes=15),
    )
    receive(shop.variants[0], shop.store, 5)
    held = StockLevel.objects.get(reserved=2).stock_point
    stealing(shop, monkeypatch, [(point, 3 if point == held else 4) for point in (shop.near, shop.store, shop.far)])
    lock_levels = placing.lock_levels

    def ended_first(**values: Any) -> Any:
        with Elsewhere(lambda: delete_hold(reference="cart-1")) as other:
            other.result()
        return lock_levels(**values)

    monkeypatch.setattr(placing, "lock_levels", ended_first)
    order = place(shop.channel, {shop.skus[0]: 3}, reservation="cart-1")
    assert sum(units for _, _, units, _ in slices(order)) == 3
    assert_invariants_hold()


def test_a_race_lost_under_the_locks_may_be_tried_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*args: Any) -> Any:
        raise placing._LostRace

    monkeypatch.setattr(placing, "_take_and_write", lost)
    with pytest.raises(ConcurrentChange):
        place(shop.channel, {shop.skus[0]: 1})
    assert Order.objects.count() == 0
