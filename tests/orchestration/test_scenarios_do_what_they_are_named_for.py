"""Each shipped scenario, published, on a network where the plain rules would decide otherwise."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from oms.core import clock
from oms.core.today import today as the_day_it_is
from oms.orchestration.models import RuleSet, SellingPace
from oms.orchestration.queries.examples import examples_tried
from oms.orchestration.queries.rule_sets import version_to_read
from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.rule_sets import publish
from oms.orchestration.services.scenarios import ensure_scenarios
from oms.sourcing.rule_parsing import parse_rule_set
from tests.orchestration.builders import a_banner, a_basket, a_channel, a_point, a_variant, lies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


@pytest.fixture
def network():
    ours, theirs = a_banner("ours"), a_banner("theirs")
    points = {
        "near": a_point("near", kind="store", groups=["shops"], lat=48.87, lon=2.35, banner=theirs, handling_cost="1"),
        "far": a_point("far", kind="store", groups=["shops"], lat=49.2, lon=2.35, banner=ours, handling_cost="1"),
        "depot": a_point("depot", groups=["depots"], lat=49.4, lon=2.35, banner=ours, handling_cost="3"),
    }
    channels = {"web": a_channel("web", banner=ours), "shops": a_channel("shops", kind="store", banner=ours)}
    ensure_scenarios(web_channels=["web"], shop_channels=["shops"], warehouse_groups=["depots"], store_groups=["shops"])
    return points, channels


@pytest.fixture
def shirt():
    return a_variant("SHIRT")


def chosen(network, code: str, channel: str, *wanted) -> list[str]:
    publish(code=code)
    plan = plan_basket(basket=a_basket(network[1][channel], *wanted), trigger="test")
    assert plan.rule_set == code
    return [parcel["stock_point"] for parcel in _plain(plan)]


def _plain(plan):
    return [{"stock_point": each.stock_point} for each in plan.run.result.plan]


def test_a_scarce_article_comes_from_the_warehouse(network, shirt):
    for point in network[0].values():
        lies(shirt, point, 1)
    assert chosen(network, "spare-the-stores", "web", (shirt, 1)) == ["depot"]


def test_order_in_store_takes_slow_stock_before_near_stock(network, shirt):
    for point in network[0].values():
        lies(shirt, point, 4)
    SellingPace.objects.create(variant=shirt, stock_point=network[0]["near"], sold=8, refreshed_at=clock.now())
    assert chosen(network, "nearest-slow-stock", "shops", (shirt, 1)) == ["far"]


def test_the_greenest_is_the_nearest_whatever_it_costs(network, shirt):
    network[0]["near"].handling_cost = 90
    network[0]["near"].save()
    for point in network[0].values():
        lies(shirt, point, 4)
    assert chosen(network, "greenest", "web", (shirt, 1)) == ["near"]
    assert chosen(network, "cheapest", "web", (shirt, 1)) == ["far"]


def test_at_the_end_of_the_season_what_stays_goes_first(network, shirt):
    shirt.product.season_ends_on = the_day_it_is() + timedelta(days=14)
    shirt.product.save()
    lies(shirt, network[0]["near"], 2)
    lies(shirt, network[0]["far"], 20)
    SellingPace.objects.create(variant=shirt, stock_point=network[0]["near"], sold=6, refreshed_at=clock.now())
    assert chosen(network, "end-of-season", "web", (shirt, 1)) == ["far"]


def test_a_marketplace_gets_one_parcel_or_a_refusal(network, shirt):
    hat = a_variant("HAT")
    lies(shirt, network[0]["near"], 2)
    lies(hat, network[0]["far"], 2)
    publish(code="one-parcel")
    plan = plan_basket(basket=a_basket(network[1]["web"], (shirt, 1), (hat, 1)), trigger="test")
    assert (plan.outcome, plan.action) == ("unfillable", "cancel")


def test_a_franchise_serves_its_own_banner_only(network, shirt):
    lies(shirt, network[0]["near"], 2)
    lies(shirt, network[0]["far"], 2)
    assert chosen(network, "own-banner", "web", (shirt, 1)) == ["far"]


def test_each_brings_example_orders_that_end_as_they_should(network):
    call_command(
        "ensure_default_rule_sets",
        "--web-channel=web",
        "--shop-channel=shops",
        "--warehouse-group=depots",
        "--store-group=shops",
        stdout=StringIO(),
    )
    tried = {
        rule_set.code: examples_tried(rule_set.pk, parse_rule_set(version_to_read(rule_set).document))
        for rule_set in RuleSet.objects.all()
    }
    assert [code for code, found in tried.items() if not found] == []
    wrong = [(each.known.example.name, each.tried) for found in tried.values() for each in found]
    assert [name for name, each in wrong if not each.is_as_wanted] == []
    plain = parse_rule_set({"code": "plain", "name": "plain", "rules": [{"name": "any", "max_parcels": 9}]})
    for code in set(tried) - {"cheapest", "order-in-store", "web-home-delivery"}:
        told = [each.known.under(plain).differing for each in tried[code]]
        assert any({"outcome", "parcels"} & set(differing) for differing in told), code


def test_the_greenest_and_the_cheapest_are_not_each_other(network):
    sets = {code: RuleSet.objects.get(code=code) for code in ("greenest", "cheapest")}
    rules = {code: parse_rule_set(version_to_read(each).document) for code, each in sets.items()}
    (green, *_) = examples_tried(sets["greenest"].pk, rules["cheapest"])
    (cheap, *_) = examples_tried(sets["cheapest"].pk, rules["greenest"])
    assert (green.tried.got.parcels, cheap.tried.got.parcels) == (
        {"far-store": {"SHIRT": 1}},
        {"near-store": {"SHIRT": 1}},
    )


def test_they_are_drafts_and_what_exists_is_left_alone(network):
    assert RuleSet.objects.count() == 7
    assert not RuleSet.objects.filter(published_version__isnull=False).exists()
    out = StringIO()
    arguments = ["--web-channel=web", "--shop-channel=shops", "--warehouse-group=w", "--store-group=s"]
    call_command("ensure_scenarios", *arguments, stdout=out)
    assert out.getvalue() == "drafted: none, all exist already\n"
