"""Orders taken by a stock point, by its own day."""

from datetime import UTC, date, datetime

import pytest

from oms.core import clock
from oms.orchestration.errors import NoCapacityLeft
from oms.orchestration.models import CapacityUse
from oms.orchestration.queries.capacity import Place
from oms.orchestration.services.capacity import give_back_capacity, take_capacity
from oms.orchestration.services.planning import plan_basket
from tests.orchestration.builders import a_basket, a_channel, a_point, a_variant, lies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]
TODAY = date(2026, 5, 5)


def used() -> dict[tuple[str, date], int]:
    rows = CapacityUse.objects.values_list("stock_point__code", "on", "used")
    return {(code, on): count for code, on, count in rows}


def test_each_order_takes_one_and_the_last_one_is_refused():
    shop = a_point("shop", daily_order_capacity=2)
    assert take_capacity(stock_point_ids=[shop.pk]) == {shop.pk: Place(TODAY)}
    assert take_capacity(stock_point_ids=[shop.pk]) == {shop.pk: Place(TODAY)}
    with pytest.raises(NoCapacityLeft) as refused:
        take_capacity(stock_point_ids=[shop.pk])
    assert refused.value.data == {"stock_points": ["shop"]}
    assert used() == {("shop", TODAY): 2}


def test_a_point_without_a_limit_is_not_counted():
    depot = a_point("depot")
    assert take_capacity(stock_point_ids=[depot.pk]) == {}
    assert used() == {}


def test_a_closed_point_takes_nothing():
    shop = a_point("shop", daily_order_capacity=0)
    with pytest.raises(NoCapacityLeft):
        take_capacity(stock_point_ids=[shop.pk])
    assert used() == {}


def test_all_points_or_none():
    free, full = a_point("free", daily_order_capacity=5), a_point("full", daily_order_capacity=1)
    take_capacity(stock_point_ids=[full.pk])
    with pytest.raises(NoCapacityLeft) as refused:
        take_capacity(stock_point_ids=[free.pk, full.pk])
    assert refused.value.data == {"stock_points": ["full"]}
    assert used() == {("full", TODAY): 1}


def test_a_point_named_twice_counts_twice():
    shop = a_point("shop", daily_order_capacity=3)
    assert take_capacity(stock_point_ids=[shop.pk, shop.pk]) == {shop.pk: Place(TODAY)}
    with pytest.raises(NoCapacityLeft):
        take_capacity(stock_point_ids=[shop.pk, shop.pk])
    assert used() == {("shop", TODAY): 2}


def test_the_day_is_the_stock_point_s_own():
    paris, tokyo = a_point("paris", daily_order_capacity=5), a_point("tokyo", daily_order_capacity=5)
    tokyo.timezone = "Asia/Tokyo"
    tokyo.save()
    with clock.clock_at(datetime(2026, 5, 5, 21, tzinfo=UTC)):
        assert take_capacity(stock_point_ids=[paris.pk, tokyo.pk]) == {
            paris.pk: Place(TODAY),
            tokyo.pk: Place(date(2026, 5, 6)),
        }


def test_what_is_given_back_can_be_taken_again():
    shop = a_point("shop", daily_order_capacity=1)
    take_capacity(stock_point_ids=[shop.pk])
    give_back_capacity(uses=[(shop.pk, Place(TODAY))])
    assert used() == {("shop", TODAY): 0}
    assert take_capacity(stock_point_ids=[shop.pk]) == {shop.pk: Place(TODAY)}


def test_giving_back_never_goes_below_zero_nor_touches_another_day():
    shop = a_point("shop", daily_order_capacity=3)
    take_capacity(stock_point_ids=[shop.pk])
    give_back_capacity(uses=[(shop.pk, Place(TODAY)), (shop.pk, Place(TODAY)), (shop.pk, Place(date(2026, 5, 4)))])
    assert used() == {("shop", TODAY): 0}
    give_back_capacity(uses=[])


def test_a_raised_capacity_lets_more_in_and_a_lowered_one_does_not_undo_what_was_taken():
    shop = a_point("shop", daily_order_capacity=1)
    take_capacity(stock_point_ids=[shop.pk])
    shop.daily_order_capacity = 3
    shop.save()
    take_capacity(stock_point_ids=[shop.pk, shop.pk])
    shop.daily_order_capacity = 2
    shop.save()
    with pytest.raises(NoCapacityLeft):
        take_capacity(stock_point_ids=[shop.pk])
    assert used() == {("shop", TODAY): 3}


def test_a_full_point_is_passed_over_by_plans_unless_the_order_is_already_counted_there():
    near, far = a_point("near", daily_order_capacity=1), a_point("far", lat=43.3, lon=5.4)
    shirt, channel = a_variant("SHIRT"), a_channel()
    lies(shirt, near, 5)
    lies(shirt, far, 5)

    def chosen(**fields):
        plan = plan_basket(basket=a_basket(channel, (shirt, 1), **fields), trigger="order.placed")
        return [parcel.stock_point_id for parcel in plan.parcels]

    assert chosen() == [near.pk]
    take_capacity(stock_point_ids=[near.pk])
    assert chosen() == [far.pk]
    assert chosen(own_capacity={near.pk: 1}) == [near.pk]
    give_back_capacity(uses=[(near.pk, Place(TODAY))])
    assert chosen() == [near.pk]


def test_yesterday_s_orders_take_nothing_of_today(morning):
    shop, shirt, channel = a_point("shop", daily_order_capacity=1), a_variant("SHIRT"), a_channel()
    lies(shirt, shop, 5)
    take_capacity(stock_point_ids=[shop.pk])
    morning.move_to(datetime(2026, 5, 5, 22, 30, tzinfo=UTC))  # half past midnight in Paris
    assert plan_basket(basket=a_basket(channel, (shirt, 1)), trigger="order.placed").outcome == "planned"
