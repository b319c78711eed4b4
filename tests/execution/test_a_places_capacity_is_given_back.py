"""Work given back whole frees its place in the day; a part of it does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oms.core import clock
from oms.orchestration.models import CapacityUse
from orders.models import Fulfilment
from orders.services.declining import expire_overdue_offers
from tests.execution.watching import lines
from tests.factories.retailer import LILLE, PARIS, Json, Retailer
from tests.support.holding import assert_invariants_hold


def limited(retailer: Retailer) -> Json:
    retailer.add_points(["lille"], kind="warehouse", daily_order_capacity=1, **LILLE)
    retailer.report("receipt", {("shirt", "lille"): 5, ("shirt", "lyon"): 5})
    work = retailer.one_work(retailer.place({"shirt": 2})["number"])
    assert (work["stock_point"], used()) == ("lille", [1])
    return work


def used() -> list[int]:
    return list(CapacityUse.objects.values_list("used", flat=True))


def test_declined_whole(retailer: Retailer) -> None:
    retailer.move(limited(retailer), "decline", {"reason": "no_capacity"})
    assert used() == [0]
    assert retailer.one_work(retailer.place({"shirt": 1})["number"])["stock_point"] == "lille"
    assert_invariants_hold()


def test_declined_in_two_parts_it_is_given_back_once(retailer: Retailer) -> None:
    work = limited(retailer)
    retailer.move(work, "decline", {"reason": "other", "lines": lines(shirt=1)})
    assert used() == [1]
    retailer.move(work, "decline", {"reason": "other"})
    assert used() == [0]
    retailer.move(work, "decline", {"reason": "other"})
    assert used() == [0]


def test_found_nothing_of(retailer: Retailer) -> None:
    retailer.move(limited(retailer), "pick", {"lines": lines(shirt=0)})
    assert used() == [0]


def test_found_a_part_of(retailer: Retailer) -> None:
    retailer.move(limited(retailer), "pick", {"lines": lines(shirt=1)})
    assert used() == [1]


def test_never_answered(retailer: Retailer) -> None:
    at = datetime(2026, 5, 5, 9, tzinfo=UTC)
    with clock.set_clock(at) as now:
        retailer.add_points(["paris"], daily_order_capacity=1, **PARIS)
        retailer.publish_rules("offers", modes=["home"], rules=[{"name": "any", "acceptance_minutes": 30}])
        retailer.report("receipt", {("shirt", "paris"): 5})
        work = retailer.one_work(retailer.place({"shirt": 1})["number"])
        assert (work["state"], used()) == ("offered", [1])
        assert Fulfilment.objects.get().capacity_on == at.date()
        now.advance(timedelta(minutes=31))
        assert expire_overdue_offers() == 1
        assert used() == [0]


def test_its_opening_hour_is_given_back_too(retailer: Retailer) -> None:
    retailer.add_points(["lille"], kind="warehouse", daily_order_capacity=9, hourly_order_capacity=1, **LILLE)
    retailer.report("receipt", {("shirt", "lille"): 5, ("shirt", "lyon"): 5})
    work = retailer.one_work(retailer.place({"shirt": 1})["number"])
    assert (work["stock_point"], sorted(used())) == ("lille", [1, 1])
    other = retailer.one_work(retailer.place({"shirt": 1})["number"])
    assert (other["stock_point"], sorted(used())) == ("lyon", [1, 1])
    retailer.move(work, "decline", {"reason": "no_capacity"})
    assert used() == [0, 0]
    assert retailer.one_work(retailer.place({"shirt": 1})["number"])["stock_point"] == "lille"
    assert_invariants_hold()
