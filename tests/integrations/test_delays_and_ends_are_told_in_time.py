"""What no event reports: looked for on a schedule, told once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import mail

from oms.core import clock
from oms.core.today import today as the_day_it_is
from oms.integrations.models import Notification
from oms.integrations.services.watching import LOST_TOLD_AFTER, tell_delays, tell_expiring_pickups
from oms.integrations.tasks import tell_delays as tell_delays_task
from oms.integrations.tasks import tell_expiring_pickups as tell_expiring_pickups_task
from orders.models import Allocation, Fulfilment, Order, OrderLine, Pickup
from orders.states import AllocationState
from tests.factories.retailer import Retailer
from tests.integrations.reading import subjects, text

pytestmark = pytest.mark.django_db


def in_days(days: int) -> date:
    return the_day_it_is() + timedelta(days=days)


def waiting(retailer: Retailer, *, expires_in: int) -> str:
    number: str = retailer.place({"shirt": 1}, mode="pickup", pickup_point="paris")["number"]
    retailer.pick(retailer.accept(retailer.one_work(number)))
    retailer.drain()
    Pickup.objects.update(expires_on=in_days(expires_in))
    mail.outbox.clear()
    return number


def sent_to(retailer: Retailer, *, promised: int, expected: int) -> str:
    number: str = retailer.place({"shirt": 1})["number"]
    retailer.one_work(number)
    Order.objects.filter(number=number).update(promised_on=in_days(promised))
    Allocation.objects.filter(line__order__number=number).update(promised_on=in_days(promised))
    Fulfilment.objects.filter(order__number=number).update(promised_on=in_days(expected))
    mail.outbox.clear()
    return number


def test_a_pickup_is_kept_for_a_while(retailer: Retailer) -> None:
    number = retailer.place({"shirt": 1}, mode="pickup", pickup_point="paris")["number"]
    retailer.pick(retailer.accept(retailer.one_work(number)))

    assert Pickup.objects.get().expires_on == in_days(14)


def test_the_reminder_comes_two_days_before_the_end_once(retailer: Retailer) -> None:
    number = waiting(retailer, expires_in=3)
    assert tell_expiring_pickups() == 0
    Pickup.objects.update(expires_on=in_days(2))
    for _ in range(2):
        tell_expiring_pickups_task()
        retailer.drain()

    assert subjects() == [f"Your order {number} is still waiting for you"]
    assert "Kept until" in text()


def test_who_has_come_is_not_reminded(retailer: Retailer) -> None:
    number = waiting(retailer, expires_in=1)
    work = retailer.one_work(number)
    retailer.move(work, "collect", {"code": retailer.code_for(work)})

    assert tell_expiring_pickups() == 0


def test_a_day_later_than_promised_is_told_once_with_the_new_day(retailer: Retailer) -> None:
    number = sent_to(retailer, promised=2, expected=4)
    for _ in range(2):
        tell_delays_task()
        retailer.drain()
    assert subjects() == [f"Your order {number} is delayed"]
    assert "We now expect it by" in text()

    Fulfilment.objects.update(promised_on=in_days(6))
    assert tell_delays() == 1  # another day is news again


def test_a_promise_broken_without_a_new_day_is_told_honestly(retailer: Retailer) -> None:
    number = sent_to(retailer, promised=-1, expected=-1)
    tell_delays()
    retailer.drain()

    assert subjects() == [f"Your order {number} is delayed"]
    assert "We do not know the new day yet." in text()


def lost_in_store(retailer: Retailer, mode: str) -> str:
    """Promised for a day that has not come; the store that was to have it ready does not find it."""
    number: str = retailer.place({"shirt": 1}, mode=mode, pickup_point="paris")["number"]
    Allocation.objects.update(promised_on=in_days(1))
    retailer.move(retailer.one_work(number), "decline", {"reason": "not_found"})
    retailer.drain()
    mail.outbox.clear()
    return number


def a_while_ago() -> None:
    Allocation.objects.update(changed_at=clock.now() - LOST_TOLD_AFTER)


@pytest.mark.parametrize("mode", ["pickup", "e_reservation"])
def test_what_the_store_does_not_find_is_told_before_somebody_comes_for_it(retailer: Retailer, mode: str) -> None:
    number = lost_in_store(retailer, mode)
    assert tell_delays() == 0  # it may turn up
    a_while_ago()
    for _ in range(2):
        tell_delays_task()
        retailer.drain()
    assert subjects() == [f"Your order {number} is delayed"]
    assert "Please come for what is late once we write to you that it is ready." in text()

    # Once the day is over that is no news.
    Allocation.objects.update(promised_on=in_days(-1))
    Order.objects.update(promised_on=in_days(-1))
    Notification.objects.update(subject=f"order:{Order.objects.get().pk}:{in_days(-1)}:late")
    assert tell_delays() == 0


@pytest.mark.parametrize("change", [{"mode": "home"}, {"mode": "ship_to_store"}])
def test_what_has_to_travel_may_still_be_in_time(retailer: Retailer, change: dict[str, str]) -> None:
    lost_in_store(retailer, "pickup")
    OrderLine.objects.update(**change)
    a_while_ago()
    assert tell_delays() == 0


def test_what_is_promised_for_later_may_still_be_found(retailer: Retailer) -> None:
    lost_in_store(retailer, "pickup")
    Allocation.objects.update(promised_on=in_days(3))
    a_while_ago()
    assert tell_delays() == 0


def test_a_new_day_that_the_store_cannot_keep_is_told_too(retailer: Retailer) -> None:
    lost_in_store(retailer, "pickup")
    Allocation.objects.update(promised_on=in_days(-1), expected_on=in_days(1))
    a_while_ago()
    assert tell_delays() == 1


def test_what_no_store_had_in_hand_waits_as_it_was_told(retailer: Retailer) -> None:
    lost_in_store(retailer, "pickup")
    Allocation.objects.filter(state__in=AllocationState.history()).delete()
    a_while_ago()
    assert tell_delays() == 0


def test_a_parcel_that_left_and_has_not_arrived_is_late_too(retailer: Retailer) -> None:
    number = sent_to(retailer, promised=2, expected=2)
    sent = retailer.ship(retailer.one_work(number))
    Order.objects.update(promised_on=in_days(-1))
    Allocation.objects.update(promised_on=in_days(-1))
    Fulfilment.objects.update(promised_on=in_days(-1))
    assert tell_delays() == 1
    retailer.drain()
    Notification.objects.filter(kind="order_delayed").delete()

    retailer.deliver(sent)
    assert tell_delays() == 0


def test_orders_nobody_writes_to_take_nobodys_turn(retailer: Retailer) -> None:
    for _ in range(2):
        sent_to(retailer, promised=-1, expected=-1)
    Order.objects.update(customer_email="")
    number = sent_to(retailer, promised=-1, expected=-1)
    assert (tell_delays(limit=1), tell_delays(limit=1)) == (1, 0)
    retailer.drain()
    assert subjects() == [f"Your order {number} is delayed"]


def test_nor_do_their_pickups(retailer: Retailer) -> None:
    waiting(retailer, expires_in=1)
    Order.objects.update(customer_email="")
    waiting(retailer, expires_in=1)
    assert (tell_expiring_pickups(limit=1), tell_expiring_pickups(limit=1)) == (1, 0)


@pytest.mark.parametrize(("promised", "expected"), [(2, 2), (2, 1), (0, 0), (-20, -20)])
def test_a_promise_kept_or_long_broken_is_no_news(retailer: Retailer, promised: int, expected: int) -> None:
    sent_to(retailer, promised=promised, expected=expected)

    assert tell_delays() == 0


def test_goods_that_wait_in_the_store_are_not_late(retailer: Retailer) -> None:
    waiting(retailer, expires_in=9)
    Order.objects.update(promised_on=in_days(-1))
    Allocation.objects.update(promised_on=in_days(-1))

    assert tell_delays() == 0


def test_it_takes_as_many_queries_for_many_told_before(retailer: Retailer, django_assert_num_queries: object) -> None:
    for _ in range(3):
        sent_to(retailer, promised=2, expected=4)
    assert tell_delays() == 3
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert tell_delays() == 0
