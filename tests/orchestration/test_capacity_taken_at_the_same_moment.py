"""Many connections want the last places: exactly as many get one as there are."""

import pytest
from django.db import connection, transaction

from oms.orchestration.errors import NoCapacityLeft
from oms.orchestration.models import CapacityUse
from oms.orchestration.queries.capacity import allowances_now
from oms.orchestration.services.capacity import give_back_capacity, take_capacity
from tests.orchestration.builders import a_point
from tests.support.concurrently import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes_of(calls):
    found = at_once(calls)
    unexpected = [each for each in found if isinstance(each, BaseException) and not isinstance(each, NoCapacityLeft)]
    assert unexpected == []
    return sum(not isinstance(each, NoCapacityLeft) for each in found)


def test_five_places_for_twenty_orders():
    shop = a_point("shop", daily_order_capacity=5)
    assert outcomes_of([lambda: take_capacity(stock_point_ids=[shop.pk])] * 20) == 5
    assert CapacityUse.objects.get().used == 5


def test_counting_without_the_condition_takes_too_many():
    """The negative control: read, compare, then write, as the conditional update does not."""
    shop = a_point("shop", daily_order_capacity=5)

    def careless() -> None:
        with transaction.atomic():
            (allowance,) = allowances_now([shop.pk])
            use, _ = CapacityUse.objects.get_or_create(
                stock_point=shop, on=allowance.place.on, defaults={"capacity": 1000, "used": 0}
            )
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.05)")
            if use.used >= 5:
                raise NoCapacityLeft
            CapacityUse.objects.filter(pk=use.pk).update(used=use.used + 1)

    assert outcomes_of([careless] * 20) > 5


def test_points_named_in_opposite_orders_never_deadlock():
    shops = [a_point(f"shop-{number}", daily_order_capacity=1000) for number in range(6)]
    ids = [shop.pk for shop in shops]
    calls = [lambda order=order: take_capacity(stock_point_ids=order) for order in (ids, ids[::-1])] * 8
    assert outcomes_of(calls) == 16
    assert set(CapacityUse.objects.values_list("used", flat=True)) == {16}


def test_taking_and_giving_back_at_once_add_up():
    shop = a_point("shop", daily_order_capacity=50)
    (allowance,) = allowances_now([shop.pk])
    for _ in range(10):
        take_capacity(stock_point_ids=[shop.pk])
    takes = [lambda: take_capacity(stock_point_ids=[shop.pk])] * 8
    gives = [lambda: give_back_capacity(uses=[(shop.pk, allowance.place)])] * 8
    assert outcomes_of([*takes, *gives]) == 16
    assert CapacityUse.objects.get().used == 10
