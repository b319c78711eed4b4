"""The demo retailer: orders in many states, a trickle of new ones, and everything in order all the while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef

from oms.core import clock
from oms.core.access import EVERYTHING
from oms.core.models import User
from oms.core.services.relaying import drain_events
from oms.core.today import today as the_day_it_is
from oms.demo import seeding, tasks, trickle
from oms.demo.catalogue import articles
from oms.demo.drawing import STAFFED
from oms.demo.past_deliveries import HABITS
from oms.demo.people import PEOPLE
from oms.demo.places import SMALL, STORES, many_stores
from oms.demo.rule_sets import DOCUMENTS
from oms.demo.terminals import unverified
from oms.orchestration.models import LearnedPreparation, LearnedTransit, LearningPolicy, RuleSet
from oms.orchestration.queries.examples import examples_tried
from oms.orchestration.queries.rule_sets import version_to_read
from oms.sourcing.rule_parsing import parse_rule_set
from orders.models import Allocation, Fulfilment, Order, Parcel, Payment, Pickup
from orders.queries.kept_promises import By, kept_promises
from returns.models import Return
from stock.models import ExpectedReceipt, ProtectionRule, PurchaseProposal, StockLevel, StockMovement
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


def _silent(text: str) -> None:
    """Nobody listens."""


@pytest.fixture
def tiny() -> None:
    assert seeding.seed(size=seeding.SIZES["tiny"], seed=1, say=_silent)


def assert_every_screen_has_something_to_show() -> None:
    today = clock.now().astimezone(ZoneInfo("Europe/Paris")).date()
    shelf = Pickup.objects.filter(fulfilment__pickup_point__code="LILLE", fulfilment__state="ready_for_pickup")
    assert shelf.filter(expires_on=today, fulfilment__mode="pickup").exists()
    assert shelf.filter(expires_on__lt=today).exists()
    assert shelf.filter(fulfilment__mode="e_reservation").exists()
    assert Parcel.objects.filter(state="lost").exists()
    coming = Fulfilment.objects.filter(mode="ship_to_store", state="handed_over", pickup_point__code="LILLE")
    assert coming.exists()
    assert Payment.objects.filter(state="unknown", order__state="pending_payment").exists()
    assert set(Return.objects.values_list("state", flat=True)) >= {"in_transit", "expired", "closed"}
    assert Allocation.objects.filter(state="backordered", reservation__expected_receipt__isnull=False).exists()
    assert LearnedTransit.objects.filter(cases__gt=0).exists()
    assert LearnedPreparation.objects.filter(cases__gt=0).exists()
    assert PurchaseProposal.objects.due(on=today + timedelta(days=90)).exists()


def assert_rules_are_scoped_to_its_own_groups_and_never_to_a_bare_kind() -> None:
    assert not ProtectionRule.objects.filter(group__isnull=True).exists()
    assert not ProtectionRule.objects.exclude(kind="").exists()


def assert_rule_sets_have_examples_that_hold() -> None:
    """Its own rule sets are in force, the scenarios wait as drafts; all have orders that end as they should."""
    tried = {
        rule_set.code: examples_tried(rule_set.pk, parse_rule_set(version_to_read(rule_set).document))
        for rule_set in RuleSet.objects.all()
    }
    assert [code for code, examples in tried.items() if not examples] == []
    every = [(code, each) for code, found in tried.items() for each in found]
    assert [(code, each.known.example.name) for code, each in every if not each.tried.is_as_wanted] == []
    in_force = RuleSet.objects.filter(published_version__isnull=False).values_list("code", flat=True)
    assert set(in_force) == {document["code"] for document in DOCUMENTS}


def test_a_seeded_demo_shows_every_state_holds_and_is_made_once(tiny: None) -> None:
    assert_every_screen_has_something_to_show()
    assert_rule_sets_have_examples_that_hold()
    assert_rules_are_scoped_to_its_own_groups_and_never_to_a_bare_kind()
    assert Order.objects.exists()
    assert Return.objects.exists()
    assert User.objects.filter(username__in=[person.username for person in PEOPLE]).count() == len(PEOPLE)
    before = StockMovement.objects.count()
    assert not seeding.seed(size=seeding.SIZES["tiny"], seed=1, say=_silent)
    assert StockMovement.objects.count() == before
    assert_invariants_hold()


def test_every_carrier_has_a_past_that_times_are_learned_from(tiny: None) -> None:
    """A merchandiser's pages have figures: nowhere too little evidence, and some came late."""
    past = Parcel.objects.filter(fulfilment__order__external_reference__startswith="demo-delivery-")
    assert set(past.values_list("service", flat=True)) == set(HABITS)
    learned = LearnedTransit.objects.filter(stock_point=None, service__in=HABITS)
    assert {row.service: row.evidence for row in learned if row.evidence < LearningPolicy().least_cases} == {}
    today = the_day_it_is()
    kept = kept_promises(by=By.CARRIER, since=today - timedelta(days=30), until=today, access=EVERYTHING)
    assert len([row for row in kept if row.service in HABITS and row.late]) >= 3
    assert 60 < 100 * sum(row.on_time for row in kept) / sum(row.due for row in kept) < 98


def test_a_past_delivery_is_an_order_like_any_other(tiny: None, client: Any) -> None:
    order = Order.objects.filter(external_reference__startswith="demo-delivery-").earliest("pk")
    client.force_login(User.objects.get(username="lea"))
    assert client.get(f"/admin/orders/order/{order.pk}/change/").status_code == 200
    assert order.timeline.count() == 11


def test_the_same_minute_is_one_order_and_the_next_another(tiny: None) -> None:
    first = unverified().get()
    start = clock.now().replace(minute=0) + timedelta(minutes=120)
    for minutes in (0, 1, 2):
        with clock.clock_at(start + timedelta(minutes=minutes)):
            trickle.trickle()
            drain_events()
    placed = Order.objects.filter(external_reference__startswith="trickle-")
    assert placed.exclude(external_reference__startswith="trickle-line-").count() == 2
    # The terminal's line that had dropped is back, and another one dropped.
    first.refresh_from_db()
    assert first.state == "authorised"
    assert unverified().get() != first
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


def _keys() -> list[tuple[str, str, str]]:
    """Everything that is checked of levels and movements, as the database's catalogue has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) || convalidated FROM pg_constraint"
            " WHERE conrelid IN ('stock_stocklevel'::regclass, 'stock_stockmovement'::regclass) ORDER BY 1, 2"
        )
        return list(cursor.fetchall())


def test_levels_written_by_the_database_have_their_movement_and_their_protection() -> None:
    size = seeding.Size(products=6, stores=60, orders=0, is_bulk=True)
    before = _keys()
    assert seeding.seed(size=size, seed=1, say=_silent)
    assert _keys() == before
    expected = Exists(ExpectedReceipt.objects.filter(variant=OuterRef("variant"), stock_point=OuterRef("stock_point")))
    levels = StockLevel.objects.exclude(expected).count()
    assert StockLevel.objects.count() >= StockMovement.objects.count() >= levels > 300
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
