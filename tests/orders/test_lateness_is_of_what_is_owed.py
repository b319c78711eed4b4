"""Late is what its customer cannot have yet though the day promised for it is over: of each part its own day.

What is ready to be collected is owed no more. The list, the count in the navigation, the order's page and the figures
of kept promises say the same.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from oms.core.access import EVERYTHING
from oms.core.clock import SetClock
from orders.models import Allocation, Fulfilment, Order, Repromise
from orders.queries.kept_promises import By, kept_promises
from orders.queries.order_pages import order_page
from orders.services.repromising import keep_promises
from tests.admin.people import signed_in
from tests.factories.retailer import LYON, Json, Retailer, answered
from tests.orders.punctual import HOURS, NOW
from tests.store.making import words

TODAY = date(2026, 5, 5)


@pytest.fixture
def retailer(punctual: tuple[Retailer, SetClock]) -> Retailer:
    return punctual[0]


def late() -> list[str]:
    return list(Order.objects.late().values_list("number", flat=True))


def days_late(number: str) -> int | None:
    return order_page(Order.objects.get(number=number), access=EVERYTHING).promise.days_late


def ready(retailer: Retailer, mode: str) -> Json:
    """Put on the shelf of Lille on the day of the order."""
    number = retailer.place({"shirt": 1}, mode=mode, pickup_point="lille")["number"]
    retailer.drain()
    return retailer.pick(retailer.accept(retailer.one_work(number)))


def in_parts(retailer: Retailer) -> str:
    """A hat is collected in Lille on the day of the order; a shirt is sent, and comes two days later."""
    retailer.add_articles(["hat"])
    retailer.report("receipt", {("hat", "lille"): 2})
    lines = [{"sku": "hat", "quantity": 1, "mode": "pickup", "pickup_point": "lille"}, {"sku": "shirt", "quantity": 1}]
    order = answered(retailer.api.post("/orders/", retailer.order_body({}) | {"lines": lines}), 201)
    retailer.drain()
    return str(order["number"])


@pytest.mark.parametrize("mode", ["pickup", "e_reservation"])
def test_what_was_ready_in_time_is_not_late_while_it_waits_for_its_customer(
    retailer: Retailer, now: SetClock, mode: str
) -> None:
    work = ready(retailer, mode)
    assert work["state"] == "ready_for_pickup"
    now.move_to(NOW + timedelta(days=3))
    assert late() == []
    assert days_late(work["order"]) is None
    (row,) = kept_promises(by=By.STOCK_POINT, since=TODAY, until=TODAY, access=EVERYTHING)
    assert (row.on_time, row.late, row.overdue) == (1, 0, 0)
    assert work["order"] not in words(signed_in("customer_service").get("/admin/orders/order/?attention=late"))


def test_what_is_not_ready_by_its_day_is_late(retailer: Retailer, now: SetClock) -> None:
    number = retailer.place({"shirt": 1}, mode="pickup", pickup_point="lille")["number"]
    retailer.drain()
    assert late() == []
    now.move_to(NOW + timedelta(days=1))
    assert late() == [number]
    assert days_late(number) == 1
    assert number in words(signed_in("customer_service").get("/admin/orders/order/?attention=late"))


def test_a_part_to_be_collected_is_late_on_its_own_day_though_the_rest_has_time(
    retailer: Retailer, now: SetClock
) -> None:
    number = in_parts(retailer)
    order = Order.objects.get(number=number)
    assert order.promised_on == TODAY + timedelta(days=2)
    now.move_to(NOW + timedelta(days=1))
    assert late() == [number]
    assert days_late(number) == 1
    (row,) = [
        each
        for each in kept_promises(by=By.CARRIER, since=TODAY, until=TODAY, access=EVERYTHING)
        if each.service == "pickup"
    ]
    assert (row.overdue, row.promised_days) == (1, None)


def test_a_part_to_be_collected_has_the_milestones_of_its_own_day(retailer: Retailer) -> None:
    in_parts(retailer)
    collected = Fulfilment.objects.get(mode="pickup")
    sent = Fulfilment.objects.get(mode="home")
    assert (collected.promised_on, sent.promised_on) == (TODAY, TODAY + timedelta(days=2))
    for by in (collected.confirm_by, collected.release_by, collected.begin_by, collected.due_at):
        assert by is not None
        assert by.date() == TODAY


def test_a_part_that_slips_is_told_its_own_new_day_and_the_rest_keeps_its_own(
    retailer: Retailer, now: SetClock
) -> None:
    number = in_parts(retailer)
    retailer.ship(next(work for work in retailer.work(number) if work["mode"] == "home"))
    now.move_to(NOW + timedelta(days=1))
    assert keep_promises() == 1
    (new,) = Repromise.objects.all()
    assert (new.previous_on, new.expected_on) == (TODAY, TODAY + timedelta(days=1))
    assert Order.objects.get(number=number).expected_on is None
    told = Allocation.objects.filter(line__order__number=number).values_list("line__sku", "promised_on", "expected_on")
    assert set(told) == {
        ("hat", TODAY, TODAY + timedelta(days=1)),
        ("shirt", TODAY + timedelta(days=2), None),
    }
    assert keep_promises() == 0


def test_lists_and_figures_count_what_travels_to_a_store_until_it_is_ready(retailer: Retailer, now: SetClock) -> None:
    retailer.add_points(["lyon"], opening_hours=HOURS, **LYON)
    number = retailer.place({"shirt": 1}, mode="ship_to_store", pickup_point="lyon")["number"]
    retailer.drain()
    work = retailer.ship(retailer.one_work(number))
    order = Order.objects.get(number=number)
    assert order.promised_on is not None
    now.move_to(NOW + (order.promised_on - TODAY))
    assert late() == []
    now.advance(timedelta(days=1))
    assert late() == [number]
    answered(retailer.api.post(f"/fulfilments/{work['id']}/receive/", {}), 200)
    assert late() == []
