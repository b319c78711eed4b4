"""What no rule plans is told with what the rule set wants done, and where it lies cheapest meanwhile."""

import pytest

from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.rule_sets import publish, save_draft
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies

pytestmark = pytest.mark.django_db


@pytest.fixture
def network():
    near = a_point("near", kind="store", daily_order_capacity=0)
    far = a_point("far", lat=43.3, lon=5.4)
    return near, far, a_variant("SHIRT"), a_variant("HAT"), a_channel()


def put(**fields) -> None:
    save_draft(code="web-home", document=a_document(**fields))
    publish(code="web-home")


def units(parcels):
    return [(parcel.stock_point_id, line.key, line.quantity) for parcel in parcels for line in parcel.lines]


def test_units_in_stock_lie_parked_where_they_are_cheapest_whatever_the_capacity(network):
    near, far, shirt, _, channel = network
    lies(shirt, near, 2)
    lies(shirt, far, 2)
    put(rules=[{"name": "never", "filters": {"stock_points": ["nowhere"]}}])

    plan = plan_basket(basket=a_basket(channel, (shirt, 3)), trigger="order.placed")

    assert (plan.outcome, plan.action, plan.cancel_after_days) == ("unfillable", "queue", None)
    assert plan.parcels == ()
    assert units(plan.parked) == [(far.pk, "1", 1), (near.pk, "1", 2)]
    assert [(line.key, line.quantity) for line in plan.unplanned] == [("1", 3)]


def test_units_that_lie_nowhere_are_not_parked(network):
    near, _, shirt, hat, channel = network
    lies(shirt, near, 1)
    put(rules=[{"name": "never", "filters": {"stock_points": ["nowhere"]}}])
    plan = plan_basket(basket=a_basket(channel, (shirt, 2), (hat, 1)), trigger="order.placed")
    assert units(plan.parked) == [(near.pk, "1", 1)]


def test_what_was_planned_is_not_parked_again(network):
    _, far, shirt, hat, channel = network
    lies(shirt, far, 3)
    put(
        rules=[
            {"name": "part", "complete_only": False, "allow_quantity_split": True, "filters": {"kinds": ["warehouse"]}}
        ],
        when_nothing_fits={"action": "cancel", "cancel_after_days": 3},
    )
    plan = plan_basket(basket=a_basket(channel, (shirt, 2), (hat, 1)), trigger="order.placed")
    assert (plan.outcome, plan.action, plan.cancel_after_days) == ("planned", "cancel", 3)
    assert units(plan.parcels) == [(far.pk, "1", 2)]
    assert [(line.key, line.quantity) for line in plan.unplanned] == [("2", 1)]
    assert plan.parked == ()


def test_a_complete_plan_parks_nothing_and_asks_for_nothing(network):
    _, far, shirt, _, channel = network
    lies(shirt, far, 3)
    plan = plan_basket(basket=a_basket(channel, (shirt, 2)), trigger="order.placed")
    assert (plan.parked, plan.unplanned, plan.action) == ((), (), None)
