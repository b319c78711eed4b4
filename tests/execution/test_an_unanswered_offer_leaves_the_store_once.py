"""Fault 28: the store never answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oms.core import clock
from orders.models import Allocation, Order
from orders.services.declining import expire_offer, expire_overdue_offers
from tests.execution.watching import history, level, nothing_moves, refused, state_of, told
from tests.factories.retailer import Json, Retailer
from tests.support.holding import assert_invariants_hold

TUESDAY = datetime(2026, 5, 5, 9, tzinfo=UTC)


def offered(retailer: Retailer, orders: int = 1) -> list[Json]:
    """Work of the store, to be accepted by 11 o'clock; only then the warehouse begins to send."""
    retailer.publish_rules("offers", modes=["home"], rules=[{"name": "stores", "acceptance_minutes": 120}])
    retailer.report("receipt", {("shirt", "paris"): 2, ("shirt", "lyon"): 2})
    retailer.add_points(["lyon"], kind="warehouse", ships_orders=False)
    works = [retailer.one_work(retailer.place({"shirt": 1})["number"]) for _ in range(orders)]
    retailer.add_points(["lyon"], kind="warehouse", ships_orders=True)
    for work in works:
        assert (work["stock_point"], work["state"]) == ("paris", "offered")
        assert work["accept_by"] == "2026-05-05T11:00:00Z"
    return works


def test_at_the_deadline_and_only_once(retailer: Retailer) -> None:
    with clock.set_clock(TUESDAY) as now:
        (work,) = offered(retailer)
        now.move_to(TUESDAY + timedelta(minutes=119))
        with nothing_moves():
            assert expire_overdue_offers() == 0
        now.move_to(TUESDAY + timedelta(minutes=121))
        assert expire_overdue_offers() == 1
        assert history(work["order"]) == [
            ("shirt", "paris", 1, "declined", "expired"),
            ("shirt", None, 1, "unfillable", "expired"),
        ]
        with nothing_moves():
            assert expire_overdue_offers() == 0
            assert expire_offer(fulfilment_id=work["id"]) is False
        moved = retailer.one_work(work["order"])
        assert (moved["stock_point"], moved["state"]) == ("lyon", "accepted")
        assert level("shirt", "paris") == (2, 0, 0)
        assert Order.objects.get(number=work["order"]).hops == 1
        assert told(work["order"], "fulfilment.expired") == 1
        problem = refused(retailer, work, "accept", status=409)
        assert (problem["code"], problem["data"]["state"]) == ("state_conflict", "expired")
        assert_invariants_hold()


def test_accepted_in_time_it_stays(retailer: Retailer) -> None:
    with clock.set_clock(TUESDAY) as now:
        (work,) = offered(retailer)
        retailer.move(work, "accept")
        now.move_to(TUESDAY + timedelta(hours=5))
        with nothing_moves():
            assert expire_overdue_offers() == 0


def test_one_that_cannot_leave_stops_no_other(retailer: Retailer) -> None:
    with clock.set_clock(TUESDAY) as now:
        broken, whole = offered(retailer, orders=2)
        Allocation.objects.filter(fulfilment=broken["id"]).update(reservation=None)
        now.advance(timedelta(hours=4))
        assert expire_overdue_offers() == 1
        assert (state_of(broken), state_of(whole)) == ("offered", "expired")
