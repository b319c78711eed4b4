"""Over many decisions: why a stock point receives much or little, and how often a rule is reached and chosen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from oms.core import clock
from oms.core.access import EVERYTHING
from oms.orchestration.deciding import RunToSave
from oms.orchestration.queries.fortunes import PointFortune, point_fortunes, rule_fortunes
from oms.orchestration.services.planning import plan_baskets
from oms.orchestration.services.recording import save_runs
from oms.orchestration.services.rule_sets import publish, save_draft
from stock.models import SalesChannel, StockPointMember, Variant
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies
from tests.orchestration.test_rule_sets_in_the_admin import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


@pytest.fixture
def decided():
    """Six baskets: four the depot has whole, one only Marseille has, one nobody has."""
    depot, far, shop = a_point("depot"), a_point("marseille", lat=43.3, lon=5.4), a_point("shop", kind="store")
    shirt, hat, boots = a_variant("SHIRT"), a_variant("HAT"), a_variant("BOOTS")
    lies(shirt, depot, 9)
    for article in (shirt, hat):
        lies(article, far, 9)
    lies(shirt, shop, 9)
    document = a_document()
    document["rules"] = [
        {"name": "never", "calendar": {"weekdays": [1], "from": "00:00", "to": "00:01"}},
        {"name": "the depot", "filters": {"stock_points": ["depot"]}},
        {"name": "warehouses", "filters": {"kinds": ["warehouse"]}},
    ]
    save_draft(code="web-home", document=document)
    publish(code="web-home")
    channel = a_channel()
    wanted = [*[(shirt, 1)] * 4, (hat, 1), (boots, 1)]
    plans = plan_baskets(baskets=[a_basket(channel, each) for each in wanted], trigger="order.placed")
    save_runs(runs=[RunToSave(plan.run) for plan in plans])
    return shop


def fortunes(language: str = "en") -> dict[str, PointFortune]:
    found = point_fortunes(since=clock.now() - timedelta(days=1), access=EVERYTHING, language=language)
    return {each.stock_point: each for each in found}


def test_a_stock_point_is_told_how_often_it_was_a_candidate_won_and_was_excluded_and_why(decided):
    found = fortunes()
    depot, far, shop = found["depot"], found["marseille"], found["shop"]
    assert (depot.decisions, depot.candidate, depot.won) == (6, 4, 4)
    assert [(each.reason, each.count) for each in depot.rejections] == [("no_stock", 2)]
    assert (far.decisions, far.candidate, far.won, far.won_of_candidate_percent) == (6, 1, 1, 100)
    assert {each.reason: each.count for each in far.rejections} == {"stock_point": 4, "no_stock": 1}
    assert (shop.candidate, shop.won, shop.candidate_percent) == (0, 0, 0)
    assert {each.reason: each.count for each in shop.rejections} == {"stock_point": 4, "kind": 2}
    assert list(found) == ["depot", "marseille", "shop"]
    assert fortunes("fr")["depot"].rejections[0].sentence == "il n’a aucun des articles"


def test_what_is_collected_elsewhere_says_nothing_about_a_stock_point(decided):
    before = fortunes()
    shirt = Variant.objects.get(sku="SHIRT")
    collected = a_basket(SalesChannel.objects.get(), (shirt, 1), mode="pickup", pickup_point_id=decided.pk)
    save_runs(runs=[RunToSave(plan.run) for plan in plan_baskets(baskets=[collected], trigger="placed")])
    after = fortunes()
    assert (after["depot"], after["marseille"]) == (before["depot"], before["marseille"])
    assert after["shop"].decisions == before["shop"].decisions + 1


def test_a_rule_is_told_how_often_it_was_reached_and_chosen(decided):
    rules = rule_fortunes(since=clock.now() - timedelta(days=1), access=EVERYTHING)
    told = [(each.rule, each.reached, each.chosen, each.not_in_force, each.not_reached) for each in rules]
    assert told == [("never", 0, 0, 6, 0), ("the depot", 6, 4, 0, 0), ("warehouses", 2, 1, 0, 4)]
    assert {(each.rule_set, each.version, each.decisions) for each in rules} == {("web-home", 1, 6)}


def test_only_decisions_of_the_period_count(decided):
    assert point_fortunes(since=clock.now() + timedelta(days=1), access=EVERYTHING, language="en") == []
    assert rule_fortunes(since=clock.now() + timedelta(days=1), access=EVERYTHING) == []


def test_no_more_than_the_newest_decisions_are_read(decided, monkeypatch):
    monkeypatch.setattr("oms.orchestration.queries.fortunes.MOST_RUNS_OF_RULES", 2)
    rules = rule_fortunes(since=clock.now() - timedelta(days=1), access=EVERYTHING)
    # The two that came last: for the hat and for the boots.
    assert [(each.rule, each.reached, each.chosen) for each in rules] == [
        ("never", 0, 0),
        ("the depot", 2, 0),
        ("warehouses", 2, 1),
    ]


def test_it_takes_three_queries_whatever_there_is(decided, django_assert_num_queries: DjangoAssertNumQueries):
    with django_assert_num_queries(3):
        fortunes()
        rule_fortunes(since=clock.now() - timedelta(days=1), access=EVERYTHING)


def page(client: Client, language: str, **asked: str) -> str:
    client.cookies["django_language"] = language
    answer = client.get(reverse("admin:sourcing-fortunes"), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_tells_both_in_english_and_in_french(decided):
    office = signed_in("view_sourcingrun")
    english = page(office, "en", stock_point="depot")
    assert "It passed every filter in 4 of 6 decisions (67 %)." in english
    assert "It was chosen in 4 of them (100 %)." in english
    assert "2 × it has none of the articles" in english
    assert "<strong>warehouses</strong>" in english
    french = page(office, "fr", stock_point="depot", days="30", first="least")
    assert "2 × il n’a aucun des articles" in french
    assert french.index("<strong>shop</strong>") < french.index("<strong>marseille</strong>")


def test_a_stock_point_nobody_looked_at_is_said_to_be_so(decided):
    assert "No decision of the period looked at elsewhere." in page(
        signed_in("view_sourcingrun"), "en", stock_point="elsewhere"
    )


def test_it_is_closed_to_who_may_not_see_decisions_and_to_stores(decided):
    assert signed_in("view_ruleset").get(reverse("admin:sourcing-fortunes")).status_code == 403
    store = signed_in("view_sourcingrun", name="otto")
    StockPointMember.objects.create(user_id=store.session["_auth_user_id"], stock_point=decided)
    assert store.get(reverse("admin:sourcing-fortunes")).status_code == 403
