"""The rule sets a retailer starts with: for its own channels and groups, and none of them overwritten."""

from io import StringIO

import pytest
from django.core.management import call_command

from oms.core.models import User
from oms.orchestration.models import RuleSet
from oms.orchestration.queries.linting import findings_for
from oms.orchestration.services.defaults import ensure_default_rule_sets
from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.rule_sets import save_draft
from oms.sourcing.rule_parsing import parse_rule_set
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


@pytest.fixture
def retailer():
    depot = a_point("depot", groups=["depots"], lat=48.9, lon=2.4)
    lille = a_point("lille", kind="store", groups=["shops"], lat=50.6, lon=3.1)
    paris = a_point("paris", kind="store", groups=["shops"], lat=48.86, lon=2.34)
    web, shops = a_channel("web"), a_channel("shops", kind="store")
    ensure_default_rule_sets(
        web_channels=["web"], shop_channels=["shops"], warehouse_groups=["depots"], store_groups=["shops"]
    )
    return web, shops, depot, lille, paris


def served(channel, *wanted, **fields):
    plan = plan_basket(basket=a_basket(channel, *wanted, **fields), trigger="order.placed")
    return plan.rule_set, plan.rule, [parcel.stock_point_id for parcel in plan.parcels]


def test_they_are_published_once_and_never_overwritten():
    save_draft(code="web-home-delivery", document=a_document("web-home-delivery", name="Our own"))
    call = {"web_channels": ["web"], "shop_channels": ["shops"], "warehouse_groups": ["w"], "store_groups": ["s"]}
    assert ensure_default_rule_sets(**call) == ["click-and-collect", "order-in-store"]
    assert ensure_default_rule_sets(**call) == []
    assert RuleSet.objects.get(code="web-home-delivery").name == "Our own"
    assert RuleSet.objects.filter(published_version__isnull=False).count() == 2


def test_the_command_publishes_them():
    out = StringIO()
    arguments = ["--web-channel=web", "--shop-channel=shops", "--warehouse-group=w", "--store-group=s"]
    call_command("ensure_default_rule_sets", *arguments, stdout=out)
    assert out.getvalue() == "published: web-home-delivery, click-and-collect, order-in-store\n"
    assert {version.edited_by for version in RuleSet.objects.get(code="order-in-store").versions.all()} == {
        "command:ensure_default_rule_sets"
    }


def test_the_linter_finds_nothing_in_them(retailer):
    User.objects.create_superuser("reader", password="x")
    for rule_set in RuleSet.objects.all():
        assert findings_for(parse_rule_set(rule_set.published_version.document)) == []


def test_a_web_order_is_sent_whole_by_the_warehouse_though_a_store_is_nearer(retailer):
    web, _, depot, _, paris = retailer
    shirt = a_variant("SHIRT")
    lies(shirt, depot, 5)
    lies(shirt, paris, 5)
    assert served(web, (shirt, 1)) == ("web-home-delivery", "complete from a warehouse", [depot.pk])


def test_a_web_order_the_warehouse_lacks_is_sent_by_a_store_that_keeps_one_for_its_shelf(retailer):
    web, _, _, lille, paris = retailer
    shirt = a_variant("SHIRT")
    lies(shirt, paris, 1)
    lies(shirt, lille, 2)
    assert served(web, (shirt, 1)) == ("web-home-delivery", "complete from one store", [lille.pk])


def test_a_web_order_nobody_holds_whole_comes_in_parcels_and_the_rest_is_left(retailer):
    web, _, depot, lille, _ = retailer
    shirt, hat = a_variant("SHIRT"), a_variant("HAT")
    lies(shirt, depot, 1)
    lies(hat, lille, 1)
    rule_set, rule, points = served(web, (shirt, 1), (hat, 1))
    assert (rule_set, rule, sorted(points)) == (
        "web-home-delivery",
        "complete in up to three parcels",
        sorted([depot.pk, lille.pk]),
    )
    assert served(web, (shirt, 2), (hat, 1))[1:] == ("whatever is there, in few parcels", [depot.pk, lille.pk])


def test_what_is_collected_comes_from_the_store_s_own_shelf_first(retailer):
    web, _, depot, lille, _ = retailer
    shirt = a_variant("SHIRT")
    lies(shirt, depot, 5)
    collected = {"mode": "ship_to_store", "destination": None, "pickup_point_id": lille.pk}
    assert served(web, (shirt, 1), **collected) == ("click-and-collect", "sent from a warehouse", [depot.pk])
    lies(shirt, lille, 1)
    assert served(web, (shirt, 1), **collected) == (
        "click-and-collect",
        "from the pickup store's own shelf",
        [lille.pk],
    )


def test_what_a_shop_orders_comes_from_another_store_nearby_before_the_warehouse(retailer):
    _, shops, depot, lille, paris = retailer
    shirt = a_variant("SHIRT")
    lies(shirt, depot, 5)
    ordered = {"selling_stock_point_id": lille.pk}
    assert served(shops, (shirt, 1), **ordered) == ("order-in-store", "complete from a warehouse", [depot.pk])
    lies(shirt, paris, 5)
    assert served(shops, (shirt, 1), **ordered) == ("order-in-store", "complete from another store", [paris.pk])
