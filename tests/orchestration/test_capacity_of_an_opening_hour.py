"""So many orders an opening hour; what comes while the stock point is closed is for the hour in which it opens."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from oms.core import clock
from oms.orchestration.errors import NoCapacityLeft
from oms.orchestration.models import CapacityUse
from oms.orchestration.queries.capacity import Place
from oms.orchestration.services.capacity import give_back_capacity, take_capacity
from oms.orchestration.services.planning import plan_basket
from oms.sourcing.calendars import opening_hour, work_calendar
from stock.models import StockPoint
from tests.orchestration.builders import a_basket, a_channel, a_point, a_variant, lies
from tests.support.concurrently import at_once

PARIS = ZoneInfo("Europe/Paris")
HOURS = {day: [["09:30", "12:00"], ["14:00", "19:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
TUESDAY = date(2026, 5, 5)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "begun"),
    [
        (local(5, 9, 40), (TUESDAY, 9)),
        (local(5, 11, 59), (TUESDAY, 11)),
        (local(5, 12, 0), (TUESDAY, 14)),
        (local(5, 3, 0), (TUESDAY, 9)),
        (local(5, 19, 0), (date(2026, 5, 6), 9)),
        (local(9, 21, 0), (date(2026, 5, 11), 9)),  # Saturday evening
    ],
)
def test_work_begins_in_this_hour_or_in_the_one_in_which_it_opens(moment: datetime, begun: tuple[date, int]) -> None:
    assert opening_hour(work_calendar(HOURS), PARIS, moment) == begun


def test_what_is_always_open_begins_now_and_what_never_opens_never() -> None:
    assert opening_hour(work_calendar({}), PARIS, local(5, 3, 10)) == (TUESDAY, 3)
    assert opening_hour(work_calendar({"mon": []}), PARIS, local(5, 3, 10)) is None


def a_shop(**fields: Any) -> StockPoint:
    return a_point("shop", opening_hours=HOURS, **{"hourly_order_capacity": 2, **fields})


def used() -> dict[tuple[date, int | None], int]:
    return {(on, hour): count for on, hour, count in CapacityUse.objects.values_list("on", "hour", "used")}


@pytest.mark.django_db
def test_an_hour_that_is_full_refuses_and_the_next_takes_again() -> None:
    shop = a_shop(daily_order_capacity=3)
    with clock.clock_at(local(5, 15, 50)):
        for _ in range(2):
            assert take_capacity(stock_point_ids=[shop.pk]) == {shop.pk: Place(TUESDAY, 15)}
        with pytest.raises(NoCapacityLeft):
            take_capacity(stock_point_ids=[shop.pk])
    with clock.clock_at(local(5, 16, 0)):
        take_capacity(stock_point_ids=[shop.pk])
        with pytest.raises(NoCapacityLeft):  # the day is full now
            take_capacity(stock_point_ids=[shop.pk])
    assert used() == {(TUESDAY, None): 3, (TUESDAY, 15): 2, (TUESDAY, 16): 1}


@pytest.mark.django_db
def test_what_is_given_back_is_given_back_to_its_own_hour() -> None:
    shop = a_shop()
    with clock.clock_at(local(5, 22)):
        taken = take_capacity(stock_point_ids=[shop.pk])
        assert taken == {shop.pk: Place(date(2026, 5, 6), 9)}
    with clock.clock_at(local(6, 10)):
        take_capacity(stock_point_ids=[shop.pk])
        give_back_capacity(uses=taken.items())
    assert used() == {(date(2026, 5, 6), 9): 0, (date(2026, 5, 6), 10): 1}


@pytest.mark.django_db
def test_plans_pass_over_a_stock_point_whose_hour_is_full() -> None:
    near, far = a_shop(hourly_order_capacity=1), a_point("far", lat=43.3, lon=5.4)
    shirt, channel = a_variant("SHIRT"), a_channel()
    lies(shirt, near, 5)
    lies(shirt, far, 5)

    def chosen(**fields: Any) -> list[int]:
        plan = plan_basket(basket=a_basket(channel, (shirt, 1), **fields), trigger="order.placed")
        return [parcel.stock_point_id for parcel in plan.parcels]

    with clock.clock_at(local(5, 20)):  # closed: all that comes is for half past nine
        assert chosen() == [near.pk]
        take_capacity(stock_point_ids=[near.pk])
        assert chosen() == [far.pk]
        assert chosen(own_capacity={near.pk: 1}) == [near.pk]
    with clock.clock_at(local(6, 10)):
        assert chosen() == [near.pk]


@pytest.mark.django_db(transaction=True)
def test_as_many_as_the_hour_takes_get_a_place_of_twenty_who_want_one_at_once() -> None:
    shop = a_shop(hourly_order_capacity=3, daily_order_capacity=50)
    found = at_once([lambda: take_capacity(stock_point_ids=[shop.pk])] * 20)
    assert sum(isinstance(each, NoCapacityLeft) for each in found) == 17
    assert sorted(CapacityUse.objects.values_list("used", flat=True)) == [3, 3]
