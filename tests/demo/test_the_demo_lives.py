"""The demo retailer: orders in many states, a trickle of new ones, and everything in order all the while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oms.core import clock
from oms.core.models import User
from oms.core.services.relaying import drain_events
from oms.demo import seeding, tasks, trickle
from oms.demo.catalogue import articles
from oms.demo.drawing import STAFFED
from oms.demo.people import PEOPLE
from oms.demo.places import SMALL, STORES, many_stores
from orders.models import Order
from returns.models import Return
from stock.models import ProtectionRule, StockLevel, StockMovement
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


def _silent(text: str) -> None:
    """Nobody listens."""


@pytest.fixture
def tiny() -> None:
    assert seeding.seed(size=seeding.SIZES["tiny"], seed=1, say=_silent)


def test_a_seeded_demo_holds_and_is_made_once(tiny: None) -> None:
    assert Order.objects.exists()
    assert Return.objects.exists()
    assert User.objects.filter(username__in=[person.username for person in PEOPLE]).count() == len(PEOPLE)
    before = StockMovement.objects.count()
    assert not seeding.seed(size=seeding.SIZES["tiny"], seed=1, say=_silent)
    assert StockMovement.objects.count() == before
    assert_invariants_hold()


def test_its_rules_are_scoped_to_its_own_groups_and_never_to_a_bare_kind(tiny: None) -> None:
    assert not ProtectionRule.objects.filter(group__isnull=True).exists()
    assert not ProtectionRule.objects.exclude(kind="").exists()


def test_the_same_minute_is_one_order_and_the_next_another(tiny: None) -> None:
    start = datetime(2030, 1, 5, 10, 0, tzinfo=UTC)
    for minutes in (0, 1, 2):
        with clock.clock_at(start + timedelta(minutes=minutes)):
            trickle.trickle()
            drain_events()
    assert Order.objects.filter(external_reference__startswith="trickle-").count() == 2
    assert_invariants_hold()


def test_it_stops_where_enough_is_open_and_where_it_is_switched_off(
    tiny: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(trickle, "OPEN_AT_MOST", 0)
    trickle.trickle()
    monkeypatch.setattr(trickle, "OPEN_AT_MOST", 1000)
    settings.DEBUG, settings.DEMO_TRICKLE = True, False
    tasks.trickle_orders()
    assert not Order.objects.filter(external_reference__startswith="trickle-").exists()


def test_without_a_demo_nothing_happens() -> None:
    trickle.trickle()
    assert not Order.objects.exists()


def test_levels_written_by_the_database_have_their_movement_and_their_protection() -> None:
    size = seeding.Size(products=6, stores=60, orders=0, is_bulk=True)
    assert seeding.seed(size=size, seed=1, say=_silent)
    levels = StockLevel.objects.count()
    assert levels == StockMovement.objects.count() > 300
    assert StockLevel.objects.filter(protection_units=1, stock_point__groups__code=SMALL).exists()
    assert_invariants_hold()


def test_more_stores_stand_around_the_same_towns_and_more_products_have_other_names() -> None:
    many = many_stores(497)
    assert len({site.code for site in many}) == len({(site.latitude, site.longitude) for site in many}) == 497
    assert many[: len(STORES)] == STORES
    assert {site.code for site in STORES} >= set(STAFFED)
    catalogue = list(articles(450))
    names = {article.product_code: article.product_name for article in catalogue}
    assert len(set(names.values())) == len(names) == 450
    assert len({article.sku for article in catalogue}) == len(catalogue)
