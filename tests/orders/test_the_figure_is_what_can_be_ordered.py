"""Orders are placed until one is refused: what was sold is the figure that was shown, for each channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms.core import clock
from oms.core.bulk import Row
from oms.core.services.relaying import drain_events
from oms.core.today import today as the_day_it_is
from stock.errors import InsufficientStock
from stock.models import SalesChannel, Variant
from stock.queries.availability import available_to_promise
from stock.queries.expected import expected_availability
from stock.services.allotting import save_allotments
from stock.services.correcting import mark_unavailable
from stock.services.holding import hold_cart
from stock.services.protecting import apply_pending_protection
from stock.services.ruling import save_protection_rules
from tests.factories.network import make_channel, make_stock_point, make_variant, unique
from tests.orders.making import place
from tests.stock.making import expect, receive
from tests.support.holding import assert_invariants_hold

POINTS = 3
SHARE = st.sampled_from(["0", "12.5", "33.33", "50", "100"])
AMOUNT = st.fixed_dictionaries({"quantity": st.integers(0, 8)}) | st.fixed_dictionaries({"percent": SHARE})

RULE = st.fixed_dictionaries(
    {
        "amount": AMOUNT,
        "channel": st.none() | st.integers(0, 1),
        "point": st.none() | st.integers(0, POINTS - 1),
    }
)
RECEIPT = st.fixed_dictionaries(
    {"point": st.integers(0, POINTS - 1), "units": st.integers(1, 6), "days": st.sampled_from([-20, -1, 0, 5, 9])}
)
WORLD = st.fixed_dictionaries(
    {
        "on_hand": st.lists(st.integers(-2, 9), min_size=POINTS, max_size=POINTS),
        "unavailable": st.lists(st.integers(0, 3), min_size=POINTS, max_size=POINTS),
        "paused": st.lists(st.booleans(), min_size=POINTS, max_size=POINTS),
        "rules": st.lists(RULE, max_size=3),
        "receipts": st.lists(RECEIPT, max_size=3),
        "preorders": st.tuples(st.booleans(), st.booleans()),
        "allotments": st.tuples(st.none() | AMOUNT, st.none() | AMOUNT),
        "holds": st.lists(st.tuples(st.integers(0, 1), st.integers(1, 4)), max_size=3),
        "earlier_orders": st.lists(st.tuples(st.integers(0, 1), st.integers(1, 6)), max_size=2),
    }
)
SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=4)


@dataclass
class Market:
    """Two channels fed by the same points, one article."""

    variant: Variant
    channels: list[SalesChannel]

    def figure(self, channel: SalesChannel) -> int:
        """What the channel is told it may sell: there now, and to come where it may pre-order."""
        asked: dict[str, Any] = {"channel_id": channel.pk, "variant_ids": [self.variant.pk]}
        units = available_to_promise(**asked)[self.variant.pk]
        if channel.allows_preorders:
            units += sum(each.available for each in expected_availability(**asked)[self.variant.pk])
        return units

    def sell(self, channel: SalesChannel, units: int) -> int:
        """How many of them were not refused; all or none."""
        try:
            place(channel, {self.variant.sku: units})
        except InsufficientStock:
            return 0
        return units


@contextmanager
def undone_afterwards() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def open_market(world: Mapping[str, Any]) -> Market:
    points = [make_stock_point() for _ in range(POINTS)]
    variant = make_variant()
    channels = [make_channel(stock_points=points, allows_preorders=allowed) for allowed in world["preorders"]]
    market = Market(variant, channels)
    for point, units, unavailable in zip(points, world["on_hand"], world["unavailable"], strict=True):
        if units:
            receive(variant, point, units, kind="adjustment")
        if unavailable:
            mark_unavailable(
                variant_id=variant.pk,
                stock_point_id=point.pk,
                quantity=unavailable,
                reason="damaged",
                reference=unique("d"),
            )
    for number, receipt in enumerate(world["receipts"]):
        expect(variant, points[receipt["point"]], receipt["units"], reference=f"PO-{number}", days=receipt["days"])
    for channel_number, units in world["holds"]:
        _hold(market, channels[channel_number], units)
    for channel_number, units in world["earlier_orders"]:
        market.sell(channels[channel_number], units)
    drain_events()
    _restrict(market, points, world)
    return market


def _hold(market: Market, channel: SalesChannel, units: int) -> None:
    later = clock.now() + timedelta(hours=1)
    lines = [(market.variant.pk, units)]
    with suppress(InsufficientStock):
        hold_cart(reference=unique("cart"), channel_id=channel.pk, lines=lines, expires_at=later)


def _restrict(market: Market, points: list[Any], world: Mapping[str, Any]) -> None:
    rules = [
        {
            "code": unique("rule"),
            "sku": market.variant.sku,
            **({} if rule["channel"] is None else {"channel": market.channels[rule["channel"]].code}),
            **({} if rule["point"] is None else {"stock_point": points[rule["point"]].code}),
            **_amount(rule["amount"]),
        }
        for rule in world["rules"]
    ]
    assert save_protection_rules(rows=[Row(index, rule) for index, rule in enumerate(rules)]).errors == []
    apply_pending_protection()
    allotted = [
        {"channel": channel.code, "sku": market.variant.sku, **_amount(amount)}
        for channel, amount in zip(market.channels, world["allotments"], strict=True)
        if amount is not None
    ]
    assert save_allotments(rows=[Row(index, row) for index, row in enumerate(allotted)]).errors == []
    for point, is_paused in zip(points, world["paused"], strict=True):
        if is_paused:
            point.paused_until = the_day_it_is() + timedelta(days=3)
            point.save()


def _amount(amount: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Decimal(value) if name == "percent" else value for name, value in amount.items()}


def sell_until_refused(market: Market, channel: SalesChannel, sizes: list[int]) -> int:
    """Orders of these sizes in turn, of one unit once they are refused; how many units were sold in all."""
    sold = 0
    for turn in range(100):
        asked = sizes[turn % len(sizes)]
        taken = market.sell(channel, asked) or (market.sell(channel, 1) if asked > 1 else 0)
        if not taken:
            return sold
        sold += taken
        if turn % 3 == 0:
            drain_events()
    raise AssertionError("it is never refused")


def check(world: Mapping[str, Any], sizes: list[int]) -> None:
    with undone_afterwards():
        market = open_market(world)
        for channel in market.channels:
            shown = market.figure(channel)
            assert sell_until_refused(market, channel, sizes) == shown
            assert market.figure(channel) == 0
        assert_invariants_hold()


_KINDLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.django_db
def test_what_is_shown_can_be_sold_and_no_unit_more():
    settings(_KINDLY, max_examples=10, derandomize=True, database=None)(given(WORLD, SIZES)(check))()


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.django_db
def test_it_holds_for_many_more_markets():
    settings(_KINDLY, max_examples=400, database=None, print_blob=True)(given(WORLD, SIZES)(check))()
