"""What waits for capacity, or for doors to open, is sourced by the sweep once they are there; nobody need ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oms.core import clock
from oms.core.services.relaying import drain_events
from oms.orchestration.services.rule_sets import publish, save_draft
from orders.tasks import sweep_waiting_orders
from stock.services.pausing import pause_stock_point, reopen_stock_point
from tests.orders.conftest import Shop
from tests.orders.making import place, slices, works
from tests.support.holding import assert_invariants_hold

# A Tuesday, at noon in Paris.
NOON = datetime(2026, 5, 5, 10, tzinfo=UTC)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def from_near(shop: Shop, **filters: object) -> None:
    rule = {"name": "near", "filters": {"stock_points": [shop.near.code], **filters}, "late_days": 30}
    save_draft(code="near", document={"name": "near", "priority": 1, "rules": [rule]})
    publish(code="near")


@pytest.fixture
def waiting_at_noon(shop: Shop):
    with clock.set_clock(NOON) as moment:
        yield moment


def test_the_next_day_has_capacity_again(shop: Shop, waiting_at_noon: clock.SetClock) -> None:
    shop.near.daily_order_capacity = 1
    shop.near.save()
    from_near(shop)
    first, second = place(shop.channel, {shop.skus[0]: 1}), None
    drain_events()
    second = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    assert works(first) == [(shop.near.code, "accepted")]
    assert {row[3] for row in slices(second)} == {"unfillable"}
    sweep_waiting_orders()
    assert works(second) == []
    waiting_at_noon.advance(timedelta(days=1))
    sweep_waiting_orders()
    assert works(second) == [(shop.near.code, "accepted")]
    assert_invariants_hold()


def test_the_doors_open_again(shop: Shop, waiting_at_noon: clock.SetClock) -> None:
    shop.near.opening_hours = {day: [["14:00", "19:00"]] for day in WEEKDAYS}
    shop.near.save()
    from_near(shop, open_now=True)
    order = place(shop.channel, {shop.skus[0]: 1})
    drain_events()
    sweep_waiting_orders()
    assert works(order) == []
    waiting_at_noon.advance(timedelta(hours=3))
    sweep_waiting_orders()
    assert works(order) == [(shop.near.code, "accepted")]


def test_a_paused_stock_point_takes_part_again(shop: Shop, waiting_at_noon: clock.SetClock) -> None:
    from_near(shop)
    order = place(shop.channel, {shop.skus[0]: 1})
    pause_stock_point(stock_point_id=shop.near.pk, until=NOON.date() + timedelta(days=3))
    drain_events()
    assert works(order) == []
    reopen_stock_point(stock_point_id=shop.near.pk)
    drain_events()
    assert works(order) == [(shop.near.code, "accepted")]
