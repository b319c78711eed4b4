"""Each alert once, to one audience after another; closed when the step is taken; seen where it helps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core import clock
from oms.core.clock import SetClock
from orders.models import Order, PromiseAlert
from orders.services.alerting import watch_milestones
from tests.admin.people import signed_in
from tests.factories.retailer import LYON, Retailer, answered
from tests.orders.punctual import NOW, punctual_retailer, work_of
from tests.store.making import words
from tests.store.people import tablet
from tests.support.concurrently import at_once


@pytest.fixture
def retailer(punctual: tuple[Retailer, SetClock]) -> Retailer:
    return punctual[0]


def at(hour: int, minute: int = 0) -> object:
    """In Lille, on the day of the order."""
    return NOW + timedelta(hours=hour - 10, minutes=minute)


def told() -> list[tuple[str, str, str, str]]:
    rows = PromiseAlert.objects.order_by("pk")
    return [(row.milestone, row.stage, row.audience, row.outcome) for row in rows]


def test_store_then_region_then_customer_service_each_once(retailer: Retailer, now: SetClock) -> None:
    work_of(retailer)
    assert watch_milestones() == (0, 0)
    now.move_to(at(15, 1))
    assert [watch_milestones(), watch_milestones()] == [(0, 1), (0, 0)]
    assert told() == [("accept", "approaching", "store", "")]
    now.move_to(at(16, 1))
    watch_milestones()
    now.move_to(at(17, 1))
    watch_milestones()
    now.move_to(at(20, 1))
    watch_milestones()
    watch_milestones()
    assert told() == [
        ("accept", "approaching", "store", "overtaken"),
        ("accept", "missed", "store", ""),
        ("accept", "region", "regional_manager", ""),
        ("accept", "service", "customer_service", ""),
    ]


def test_taking_the_step_closes_what_was_told_of_it(retailer: Retailer, now: SetClock) -> None:
    work = work_of(retailer)
    now.move_to(at(17, 5))
    watch_milestones()
    assert {(stage, outcome) for _, stage, _, outcome in told()} == {("missed", ""), ("region", "")}
    retailer.api.post(f"/fulfilments/{work['id']}/accept/", {})
    assert not PromiseAlert.objects.standing().exists()
    watch_milestones()
    assert {outcome for milestone, *_, outcome in told() if milestone == "accept"} == {"met"}
    # The next milestone has passed by now, and is told in its turn.
    assert ("hand_over", "missed", "store", "") in told()
    page = words(signed_in("customer_service").get("/admin/orders/promisealert/?standing=no"))
    assert "over, 1 h 05 after" in page  # nobody needs to hurry any more
    assert "1 h 05 late" not in page
    retailer.ship(retailer.one_work(work["order"]))
    watch_milestones()
    assert not PromiseAlert.objects.open().exists()
    assert PromiseAlert.objects.filter(milestone="hand_over").get().outcome == "met"


def test_work_that_leaves_the_store_is_no_longer_its_alert(retailer: Retailer, now: SetClock) -> None:
    work = work_of(retailer)
    now.move_to(at(15, 30))
    watch_milestones()
    retailer.api.post(f"/fulfilments/{work['id']}/decline/", {"reason": "no_capacity"})
    watch_milestones()
    # It is the order's again: another stock point has to be found by then.
    assert told() == [("accept", "approaching", "store", "ended"), ("release", "approaching", "customer_service", "")]


def test_what_is_no_stock_points_work_is_customer_services(retailer: Retailer, now: SetClock) -> None:
    """Unpaid, an order misses its confirmation; on hold, its release."""
    unpaid = retailer.place({"shirt": 1}, payments=[])
    held = retailer.place({"shirt": 1})
    retailer.api.post(f"/orders/{held['number']}/hold/", {"reason": "fraud check"})
    retailer.drain()
    now.move_to(at(16, 5))
    watch_milestones()
    assert {(row.order.number, row.milestone, row.stage, row.audience) for row in PromiseAlert.objects.all()} == {
        (unpaid["number"], "confirm", "missed", "customer_service"),
        (held["number"], "release", "missed", "customer_service"),
    }
    retailer.api.post(f"/orders/{held['number']}/release/", {})
    retailer.drain()
    watch_milestones()
    assert PromiseAlert.objects.get(milestone="release").outcome == "met"


def test_an_order_sent_elsewhere_has_none_of_its_old_alerts_though_nobody_has_looked_yet(
    retailer: Retailer, now: SetClock
) -> None:
    number = retailer.place({"shirt": 1})["number"]
    order = Order.objects.get(number=number)
    assert order.release_by is not None
    now.move_to(order.release_by + timedelta(minutes=1))
    watch_milestones()
    assert PromiseAlert.objects.standing().filter(order=order, milestone="release").exists()
    address = {"line1": "1 quai du Port", "postcode": "13002", "city": "Marseille", "country": "FR"}
    answered(retailer.api.post(f"/orders/{number}/change-address/", {"shipping_address": address}), 200)
    order.refresh_from_db()
    assert order.release_by is not None and order.release_by > clock.now()
    assert not PromiseAlert.objects.standing().filter(order=order).exists()


def test_it_takes_as_many_statements_for_five_as_for_one(retailer: Retailer, now: SetClock) -> None:
    for _ in range(5):
        work_of(retailer)
    now.move_to(at(16, 1))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert watch_milestones() == (0, 5)
    assert len([query for query in captured if "orders_promisealert" in query["sql"]]) == 2


def test_the_store_sees_its_own_and_a_regional_manager_those_of_the_region(retailer: Retailer, now: SetClock) -> None:
    retailer.add_points(["lyon"], **LYON)
    work = work_of(retailer)
    number = work["order"]
    here, elsewhere = tablet(stock_points=("lille",)), tablet(stock_points=("lyon",))
    region = tablet(role="store_manager", stock_points=("lille", "lyon"))
    session = region.session
    session["stock_point"] = "lyon"
    session.save()
    now.move_to(at(17, 5))
    watch_milestones()
    assert f"{number} accept by Tue 16:00 1 h 05 late" in words(here.get("/store/"))
    assert number not in words(elsewhere.get("/store/"))
    page = words(region.get("/store/"))
    assert "Promises in danger in your stores 1" in page
    assert f"{number} Lille accept by Tue 16:00" in page
    retailer.api.post(f"/fulfilments/{work['id']}/accept/", {})
    assert "accept by" not in words(here.get("/store/"))


def test_the_admin_lists_and_counts_them(retailer: Retailer, now: SetClock) -> None:
    retailer.add_points(["lyon"], **LYON)
    number = work_of(retailer)["order"]
    now.move_to(at(20, 5))
    watch_milestones()
    service, stranger = signed_in("customer_service"), signed_in("store_manager", store="lyon")
    home = words(service.get("/admin/"))
    assert "Promises for customer service to see to" in home
    listed = "/admin/orders/promisealert/?standing=late&audience__exact=customer_service"
    page = words(service.get(listed))
    assert number in page
    assert "4 h 05 late" in page
    assert number not in words(stranger.get("/admin/orders/promisealert/"))
    french = words(signed_in("head_office", language="fr").get(listed))
    assert "4 h 05 de retard" in french


def test_the_list_takes_as_many_queries_for_five_as_for_one(retailer: Retailer, now: SetClock) -> None:
    browser = signed_in("head_office")

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/admin/orders/promisealert/?standing=yes").status_code == 200
        return len(captured)

    works = [work_of(retailer)]
    now.move_to(at(16, 1))
    watch_milestones()
    asked()
    one = asked()
    now.move_to(NOW)
    works += [work_of(retailer) for _ in range(4)]
    now.move_to(at(16, 1))
    watch_milestones()
    assert PromiseAlert.objects.standing().count() == len(works)
    assert asked() == one


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_tell_it_once() -> None:
    with punctual_retailer() as (retailer, _):
        for _ in range(3):
            work_of(retailer)

    def watch() -> tuple[int, int]:
        with clock.set_clock(NOW + timedelta(hours=6, minutes=1)):
            return watch_milestones()

    outcomes = at_once([watch] * 4)
    assert sum(raised for _, raised in outcomes) == 3  # type: ignore[misc]
    assert PromiseAlert.objects.count() == 3
