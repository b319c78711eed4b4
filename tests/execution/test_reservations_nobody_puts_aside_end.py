"""An e-reservation which its store never answers, or never begins, is over after as many days as one that waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oms.core import clock
from oms.integrations.models import Notification, NotificationKind
from orders.models import Fulfilment, Order, TimelineEntry
from orders.services.holding import hold_order
from orders.services.sweeping import expire_e_reservations
from tests.execution.watching import level
from tests.factories.retailer import Json, Retailer, answered
from tests.support.holding import assert_invariants_hold

KEPT = 3
ORDERED = datetime(2030, 1, 10, 22, 30, tzinfo=UTC)
"""Half past eleven in Paris: its day of the order is the 10th."""
LAST_HOUR = datetime(2030, 1, 13, 22, 45, tzinfo=UTC)
DAY_AFTER = datetime(2030, 1, 13, 23, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _kept_for_three_days(settings: object) -> None:
    settings.RESERVATION_KEPT_DAYS = KEPT  # type: ignore[attr-defined]


def asked_for(retailer: Retailer, *, mode: str = "e_reservation", **lines: int) -> Json:
    """What the shop has been asked to put aside, and has not answered."""
    retailer.report("receipt", {(sku, "paris"): 5 for sku in lines})
    unpaid = {"payments": []} if mode == "e_reservation" else {}
    work = retailer.one_work(retailer.place(lines, mode=mode, pickup_point="paris", **unpaid)["number"])
    Order.objects.update(placed_at=ORDERED)
    return work


def swept(at: datetime) -> int:
    with clock.clock_at(at):
        return expire_e_reservations()


def test_after_its_last_day_at_the_store_its_stock_is_free_and_it_is_over_once(retailer: Retailer) -> None:
    work = asked_for(retailer, shirt=2)
    assert swept(LAST_HOUR) == 0
    assert level("shirt", "paris") == (5, 2, 0)
    assert (swept(DAY_AFTER), swept(DAY_AFTER)) == (1, 0)
    assert level("shirt", "paris") == (5, 0, 0)
    assert retailer.order(work["order"])["state"] == "cancelled"
    assert Fulfilment.objects.get().state == "cancelled"
    assert_invariants_hold()


def test_its_customer_is_told_once_and_its_timeline_says_why(retailer: Retailer) -> None:
    asked_for(retailer, shirt=2)
    for _ in range(2):
        swept(DAY_AFTER)
        retailer.drain()
    assert Notification.objects.filter(kind=NotificationKind.ORDER_CANCELLED).count() == 1
    told = TimelineEntry.objects.get(event="pickup.put_back")
    assert (told.data["reason"], told.data["units"]) == ("reservation_over", 2)


def test_one_that_was_accepted_and_never_begun_ends_too(retailer: Retailer) -> None:
    work = asked_for(retailer, shirt=1)
    retailer.accept(work)
    assert swept(DAY_AFTER) == 1
    assert level("shirt", "paris") == (5, 0, 0)


def begun(retailer: Retailer, at: datetime) -> Json:
    """One of its two articles was found, then whoever looked for them left off."""
    work = asked_for(retailer, shirt=1, hat=2)
    with clock.clock_at(at):
        retailer.accept(work)
        lines = [{"sku": "shirt", "quantity": 1}]
        answered(retailer.api.post(f"/fulfilments/{work['id']}/pick/", {"lines": lines}), 200)
    return work


def test_one_that_was_begun_and_left_ends_after_as_many_days(retailer: Retailer) -> None:
    work = begun(retailer, ORDERED)
    assert retailer.one_work(work["order"])["state"] == "picking"
    assert swept(LAST_HOUR) == 0
    assert (swept(DAY_AFTER), swept(DAY_AFTER)) == (1, 0)
    assert (level("shirt", "paris"), level("hat", "paris")) == ((5, 0, 0), (5, 0, 0))
    assert retailer.order(work["order"])["state"] == "cancelled"
    retailer.drain()
    assert Notification.objects.filter(kind=NotificationKind.ORDER_CANCELLED).count() == 1
    assert TimelineEntry.objects.get(event="pickup.put_back").data["units"] == 3
    assert_invariants_hold()


def test_days_of_one_that_was_begun_count_from_its_last_touch(retailer: Retailer) -> None:
    begun(retailer, ORDERED + timedelta(days=2))
    assert swept(DAY_AFTER) == 0
    assert swept(DAY_AFTER + timedelta(days=2)) == 1


def test_one_put_aside_late_is_kept_its_days_from_then(retailer: Retailer) -> None:
    work = asked_for(retailer, shirt=1)
    with clock.clock_at(LAST_HOUR):
        retailer.pick(retailer.accept(work))
    assert swept(DAY_AFTER) == 0
    assert level("shirt", "paris") == (5, 1, 0)
    assert retailer.one_work(work["order"])["state"] == "ready_for_pickup"


def test_what_is_paid_and_what_is_on_hold_waits_for_a_person(retailer: Retailer) -> None:
    asked_for(retailer, mode="pickup", hat=1)
    reserved = asked_for(retailer, shirt=1)
    hold_order(order_id=Order.objects.get(number=reserved["order"]).pk, reason="asked")
    assert swept(DAY_AFTER + timedelta(days=30)) == 0
    assert (level("hat", "paris"), level("shirt", "paris")) == ((5, 1, 0), (5, 1, 0))
