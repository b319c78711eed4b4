"""From the ledger, the catalogue and the stock points' own settings to the chosen stock point."""

from datetime import timedelta
from decimal import Decimal

import pytest

from oms.core import clock
from oms.core.today import today as the_day_it_is
from oms.orchestration.models import SellingPace, SourcingRun
from oms.orchestration.queries.runs import StoredRun
from oms.orchestration.services.pacing import refresh_selling_paces
from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.recording import save_run
from oms.orchestration.services.rule_sets import publish, save_draft
from stock.models import StockMovement
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies

pytestmark = pytest.mark.django_db


@pytest.fixture
def shirt():
    return a_variant("SHIRT")


@pytest.fixture
def near(shirt):
    point = a_point("near", kind="store", lat=48.87, lon=2.35)
    lies(shirt, point, 1)
    return point


@pytest.fixture
def far(shirt):
    point = a_point("far", kind="store", lat=49.2, lon=2.35)
    lies(shirt, point, 6)
    return point


def decided(shirt, **objectives: str):
    save_draft(code="web-home", document=a_document(rules=[{"name": "any", "objectives": objectives}]))
    publish(code="web-home")
    channel = a_channel()
    plan = plan_basket(basket=a_basket(channel, (shirt, 1)), trigger="test")
    save_run(run=plan.run)
    assert StoredRun(SourcingRun.objects.get()).is_repeated_identically()
    return plan


def moved(shirt, point, kind: str, quantity: int, days_ago: int, reference: str) -> None:
    at = clock.now() - timedelta(days=days_ago)
    StockMovement.objects.create(
        variant=shirt,
        stock_point=point,
        kind=kind,
        quantity=quantity,
        reference=reference,
        occurred_at=at,
        recorded_at=at,
    )


def test_distance_decides_while_nothing_else_is_weighed(shirt, near, far):
    assert decided(shirt).parcels[0].stock_point_id == near.pk


def test_the_last_unit_of_a_shop_is_spared(shirt, near, far):
    assert decided(shirt, scarcity="1").parcels[0].stock_point_id == far.pk


def test_stock_that_will_not_be_sold_in_its_season_goes_first(shirt, near, far):
    shirt.product.season_ends_on = the_day_it_is() + timedelta(days=60)
    shirt.product.save()
    moved(shirt, near, "sale", -2, 3, "R1")
    refresh_selling_paces()
    assert decided(shirt, ageing="1").parcels[0].stock_point_id == far.pk


def test_a_shop_that_is_expected_to_decline_is_dearer(shirt, near, far):
    near.expected_decline_percent = Decimal("80")
    near.save()
    plan = decided(shirt)
    assert plan.parcels[0].stock_point_id == far.pk
    costs = {each.stock_point: each.costs.get("decline") for each in plan.run.result.candidates}
    assert costs == {"near": Decimal("3.20"), "far": Decimal("0.00")}


def test_the_pace_counts_sales_and_shipments_of_four_weeks(shirt, near, far):
    moved(shirt, near, "sale", -2, 27, "A")
    moved(shirt, near, "shipment", -1, 1, "B")
    moved(shirt, near, "sale", -9, 29, "C")
    moved(shirt, near, "receipt", 5, 1, "D")
    moved(shirt, far, "sale", 1, 1, "E")
    assert refresh_selling_paces() == 1
    assert list(SellingPace.objects.values_list("stock_point__code", "sold")) == [("near", 3)]
    assert refresh_selling_paces() == 0


def test_a_pace_that_is_over_is_forgotten(shirt, near, time_machine):
    moved(shirt, near, "sale", -2, 1, "A")
    refresh_selling_paces()
    time_machine.move_to(clock.now() + timedelta(days=40))
    assert refresh_selling_paces() == 1
    assert not SellingPace.objects.exists()


def test_the_pace_is_read_only_where_a_rule_weighs_it(shirt, near, django_assert_num_queries):
    channel = a_channel()
    basket = a_basket(channel, (shirt, 1))
    plan_basket(basket=basket, trigger="warm", record=False)
    with django_assert_num_queries(1):
        plan_basket(basket=basket, trigger="test", record=False)
    save_draft(code="w", document=a_document("w", rules=[{"name": "slow", "filters": {"min_cover_days": 3}}]))
    publish(code="w")
    plan_basket(basket=basket, trigger="warm", record=False)
    with django_assert_num_queries(2):
        plan_basket(basket=basket, trigger="test", record=False)
