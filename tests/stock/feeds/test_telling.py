"""Whoever waits for stock hears that some came, and whoever promised some that it is short."""

import pytest

from oms.core.clock import now
from stock.models import AvailabilityChange
from stock.services.reserving import reserve_stock
from tests.stock.events import told
from tests.stock.feeds.feeding import HOUR, feed, file_of, make_network
from tests.stock.making import NOON, level_of, make_channel, want

pytestmark = pytest.mark.django_db


def test_the_variants_of_which_more_is_free() -> None:
    (a, b, c), _ = make_network()
    feed(file_of("A,paris,5", "B,paris,5", "C,paris,5"))
    assert told("stock_level.raised") == [{"variant_ids": [a.pk, b.pk, c.pk]}]
    feed(file_of("A,paris,6", "B,paris,4", "C,paris,5"), as_of=NOON + HOUR)
    assert told("stock_level.raised")[1:] == [{"variant_ids": [a.pk]}]


def test_the_levels_that_hold_less_than_was_promised() -> None:
    (a, b, _), (paris, _) = make_network()
    feed(file_of("A,paris,5", "B,paris,5"))
    reserve_stock(owner="order:1", channel_id=make_channel().pk, wants=[want(a, paris, 3), want(b, paris, 3)])
    feed(file_of("A,paris,1", "B,paris,4"), as_of=now())
    level = level_of(a, paris)
    assert (level.on_hand, level.reserved) == (1, 3)
    assert [(event["level_id"], event["shortfall"]) for event in told("stock_level.short")] == [(level.pk, 2)]


def test_followers_of_availability_hear_of_changed_levels_only() -> None:
    (_, b, _), _ = make_network()
    feed(file_of("A,paris,5", "B,paris,5"))
    before = AvailabilityChange.objects.count()
    feed(file_of("A,paris,5", "B,paris,6"), as_of=NOON + HOUR)
    changes = AvailabilityChange.objects.order_by("id")[before:]
    assert {change.variant_id for change in changes} == {b.pk}


def test_an_accepted_file_is_told_once() -> None:
    make_network()
    done = feed(file_of("A,paris,5"))
    assert told("stock_import.created") == [{"import_id": done.pk}]
