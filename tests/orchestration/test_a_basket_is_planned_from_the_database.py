from decimal import Decimal

import pytest

from oms.orchestration.services.planning import plan_basket
from tests.orchestration.builders import a_basket, a_channel, a_point, a_variant, lies

pytestmark = pytest.mark.django_db


def test_the_nearer_of_two_warehouses_sends_the_parcel():
    near, far = a_point("near", lat=48.9, lon=2.4), a_point("far", lat=43.3, lon=5.4)
    shirt = a_variant("SHIRT")
    lies(shirt, near, 3)
    lies(shirt, far, 3)

    plan = plan_basket(basket=a_basket(a_channel(), (shirt, 2)), trigger="order.placed")

    assert plan.outcome == "planned"
    assert [(each.stock_point_id, each.service) for each in plan.parcels] == [(near.pk, "house")]
    assert [(line.key, line.variant_id, line.quantity) for line in plan.parcels[0].lines] == [("1", shirt.pk, 2)]
    assert plan.unplanned == ()
    assert plan.parked == ()
    assert (plan.rule_set, plan.version, plan.rule) == ("default", None, "least cost")
    assert plan.currency == "EUR"
    assert plan.cost == plan.parcels[0].cost > Decimal("3.50")
    assert plan.co2e_g == plan.parcels[0].co2e_g > 0
    assert plan.promised_on == plan.parcels[0].promised_on >= plan.parcels[0].ships_on
    assert plan.is_degraded is False
