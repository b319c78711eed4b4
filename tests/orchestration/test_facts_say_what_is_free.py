"""Which units a basket may count on: its channel's, its own, and in the shop all that lies there."""

import pytest

from oms.orchestration.baskets import Excluded
from oms.orchestration.services.planning import plan_basket, plan_baskets
from stock.models import LevelProtection
from tests.orchestration.builders import a_basket, a_channel, a_point, a_variant, lies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


def planned(basket):
    plan = plan_basket(basket=basket, trigger="order.placed")
    units = [(parcel.stock_point_id, line.key, line.quantity) for parcel in plan.parcels for line in parcel.lines]
    return units, [(line.key, line.quantity) for line in plan.unplanned]


def test_reserved_unavailable_and_protected_units_are_not_free():
    depot, shirt = a_point("depot"), a_variant("SHIRT")
    lies(shirt, depot, 10, reserved=3, unavailable=2, protection_units=4)
    channel = a_channel()
    assert planned(a_basket(channel, (shirt, 1))) == ([(depot.pk, "1", 1)], [])
    assert planned(a_basket(channel, (shirt, 2))) == ([], [("1", 2)])


def test_protection_is_the_channel_s_own_where_it_has_one():
    depot, shirt = a_point("depot"), a_variant("SHIRT")
    web, shops = a_channel("web"), a_channel("shops", kind="store")
    level = lies(shirt, depot, 3, protection_units=3)
    LevelProtection.objects.create(level=level, channel=shops, units=0, percent=0)
    assert planned(a_basket(web, (shirt, 3))) == ([], [("1", 3)])
    assert planned(a_basket(shops, (shirt, 3))) == ([(depot.pk, "1", 3)], [])


def test_stock_of_points_that_do_not_feed_the_channel_are_closed_or_paused_is_not_free():
    shirt = a_variant("SHIRT")
    other, closed = a_point("other"), a_point("closed", is_active=False)
    paused = a_point("paused", paused_until="2999-01-01")
    for point in (other, closed, paused):
        lies(shirt, point, 5)
    assert planned(a_basket(a_channel(points=[closed, paused]), (shirt, 1))) == ([], [("1", 1)])


def test_own_reservations_count_as_free():
    depot, shirt = a_point("depot"), a_variant("SHIRT")
    lies(shirt, depot, 5, reserved=5)
    channel = a_channel()
    assert planned(a_basket(channel, (shirt, 2))) == ([], [("1", 2)])
    own = {(shirt.pk, depot.pk): 2}
    assert planned(a_basket(channel, (shirt, 2), own_units=own)) == ([(depot.pk, "1", 2)], [])
    assert planned(a_basket(channel, (shirt, 3), own_units=own)) == ([], [("1", 3)])


def test_own_reservations_keep_what_protection_rules_made_later_would_hide():
    depot, shirt = a_point("depot"), a_variant("SHIRT")
    lies(shirt, depot, 5, reserved=2, protection_units=5)
    own = {(shirt.pk, depot.pk): 2}
    assert planned(a_basket(a_channel(), (shirt, 2), own_units=own)) == ([(depot.pk, "1", 2)], [])


def test_own_reservations_of_units_that_are_not_there_do_not_count():
    depot, shirt = a_point("depot"), a_variant("SHIRT")
    lies(shirt, depot, 3, reserved=4)
    channel, own = a_channel(), {(shirt.pk, depot.pk): 2}
    assert planned(a_basket(channel, (shirt, 1), own_units=own)) == ([(depot.pk, "1", 1)], [])
    assert planned(a_basket(channel, (shirt, 2), own_units=own)) == ([], [("1", 2)])


def test_units_about_to_be_taken_are_not_free():
    depot, shirt = a_point("depot"), a_variant("SHIRT")
    lies(shirt, depot, 5)
    taken = {(shirt.pk, depot.pk): -4}
    assert planned(a_basket(a_channel(), (shirt, 1), own_units=taken)) == ([(depot.pk, "1", 1)], [])
    assert planned(a_basket(a_channel("b"), (shirt, 2), own_units=taken)) == ([], [("1", 2)])


def test_only_own_units_prices_the_order_where_it_lies():
    near, far = a_point("near"), a_point("far", lat=43.3, lon=5.4)
    shirt = a_variant("SHIRT")
    lies(shirt, near, 9)
    lies(shirt, far, 9, reserved=2)
    basket = {"own_units": {(shirt.pk, far.pk): 2}}
    channel = a_channel()
    assert planned(a_basket(channel, (shirt, 2), **basket)) == ([(near.pk, "1", 2)], [])
    assert planned(a_basket(channel, (shirt, 2), only_own_units=True, **basket)) == ([(far.pk, "1", 2)], [])


def test_a_seller_in_the_shop_sells_to_zero_what_lies_there_whatever_feeds_the_channel():
    depot, shop = a_point("depot"), a_point("shop", kind="store")
    shirt = a_variant("SHIRT")
    lies(shirt, shop, 2, protection_units=2)
    lies(shirt, depot, 9)
    channel = a_channel("shops", kind="store", points=[depot])
    carried = {"mode": "carry_out", "destination": None, "selling_stock_point_id": shop.pk}
    assert planned(a_basket(channel, (shirt, 2), **carried)) == ([(shop.pk, "1", 2)], [])
    assert planned(a_basket(channel, (shirt, 3), **carried)) == ([], [("1", 3)])


def test_excluded_points_serve_none_of_the_lines_named():
    near, far = a_point("near"), a_point("far", lat=43.3, lon=5.4)
    shirt, hat = a_variant("SHIRT"), a_variant("HAT")
    for point in (near, far):
        lies(hat, point, 5)
    lies(shirt, near, 5)
    channel = a_channel()
    one = a_basket(channel, (shirt, 1), (hat, 1), excluded=(Excluded(near.pk, "declined", ("2",)),))
    both = a_basket(channel, (shirt, 1), (hat, 1), excluded=(Excluded(near.pk, "declined"),))
    assert planned(one) == ([(far.pk, "2", 1), (near.pk, "1", 1)], [])
    assert planned(both) == ([], [("1", 1), ("2", 1)])


def test_a_collected_basket_is_served_by_the_pickup_point_even_where_it_does_not_feed_the_channel():
    depot, shop = a_point("depot"), a_point("shop", kind="store", offers_pickup=True)
    shirt = a_variant("SHIRT")
    lies(shirt, depot, 5)
    channel = a_channel(points=[depot])
    sent = a_basket(channel, (shirt, 1), mode="ship_to_store", destination=None, pickup_point_id=shop.pk)
    plan = plan_basket(basket=sent, trigger="order.placed")
    assert [parcel.stock_point_id for parcel in plan.parcels] == [depot.pk]


def test_baskets_planned_together_are_planned_as_if_alone():
    depot, shirt, hat = a_point("depot"), a_variant("SHIRT"), a_variant("HAT")
    lies(shirt, depot, 1)
    lies(hat, depot, 1)
    channel = a_channel()
    baskets = [a_basket(channel, (shirt, 1)), a_basket(channel, (hat, 1)), a_basket(channel, (shirt, 1), (hat, 2))]
    together = plan_baskets(baskets=baskets, trigger="order.placed", record=False)
    alone = [plan_basket(basket=basket, trigger="order.placed", record=False) for basket in baskets]
    assert [(plan.outcome, plan.parcels, plan.unplanned) for plan in together] == [
        (plan.outcome, plan.parcels, plan.unplanned) for plan in alone
    ]
    assert [plan.outcome for plan in together] == ["planned", "planned", "unfillable"]
    assert [plan.run for plan in together] == [None, None, None]


def test_no_baskets_make_no_plans():
    assert plan_baskets(baskets=[], trigger="order.placed") == []
