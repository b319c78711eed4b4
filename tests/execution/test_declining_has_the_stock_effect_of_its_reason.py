"""Declined whole: the units are freed, the shelf corrected as the reason says, the next stock point asked."""

from __future__ import annotations

import pytest

from orders.models import Exclusion
from stock.models import Reservation
from tests.execution.watching import history, level, lines, movements, refused, repeated, told
from tests.factories.retailer import Retailer
from tests.support.holding import assert_invariants_hold

AFTER = {
    "not_found": (0, 0, 0),
    "damaged": (5, 0, 2),
    "display": (5, 0, 2),
    "no_capacity": (5, 0, 0),
    "closed": (5, 0, 0),
    "other": (5, 0, 0),
}


@pytest.mark.parametrize("reason", AFTER)
def test_the_level_after_declining(retailer: Retailer, reason: str) -> None:
    retailer.report("receipt", {("shirt", "lille"): 5, ("shirt", "lyon"): 5})
    number = retailer.place({"shirt": 2})["number"]
    work = retailer.one_work(number)
    assert (work["stock_point"], level("shirt", "lille")) == ("lille", (5, 2, 0))

    declined = retailer.move(work, "decline", {"reason": reason})
    assert (declined["state"], declined["decline_reason"], declined["lines"]) == ("declined", reason, [])
    assert level("shirt", "lille") == AFTER[reason]
    assert movements("shirt", "lille", "adjustment") == ([-5] if reason == "not_found" else [])
    assert history(number) == [("shirt", "lille", 2, "declined", reason), ("shirt", None, 2, "unfillable", reason)]
    assert not Reservation.objects.live().exists()
    assert list(Exclusion.objects.values_list("stock_point__code", "reason")) == [("lille", reason)]
    assert repeated(retailer, work, "decline", {"reason": reason}) == declined

    retailer.drain()
    assert retailer.slices(number) == {("shirt", "lyon", 2, "assigned")}
    assert level("shirt", "lyon") == (5, 2, 0)
    assert level("shirt", "lille") == AFTER[reason]
    assert told(number, "fulfilment.declined") == 1
    assert_invariants_hold()


def test_units_already_picked_there_are_known_to_exist(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 5, ("shirt", "lyon"): 5})
    other = retailer.one_work(retailer.place({"shirt": 1})["number"])
    retailer.pick(other)
    work = retailer.one_work(retailer.place({"shirt": 2})["number"])
    assert level("shirt", "lille") == (5, 3, 0)
    retailer.move(work, "decline", {"reason": "not_found"})
    assert level("shirt", "lille") == (1, 1, 0)
    assert_invariants_hold()


def test_goods_put_aside_for_their_customer_are_known_to_exist(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "paris"): 3})
    waiting = retailer.one_work(retailer.place({"shirt": 1}, mode="pickup", pickup_point="paris")["number"])
    assert retailer.pick(retailer.accept(waiting))["state"] == "ready_for_pickup"
    work = retailer.one_work(retailer.place({"shirt": 1}, mode="pickup", pickup_point="paris")["number"])
    retailer.move(work, "decline", {"reason": "not_found"})
    assert level("shirt", "paris") == (1, 1, 0)
    assert_invariants_hold()


def test_goods_that_travelled_here_are_not_on_this_shelf(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 3})
    shipped = retailer.one_work(retailer.place({"shirt": 1}, mode="ship_to_store", pickup_point="paris")["number"])
    retailer.move(retailer.ship(shipped), "receive")
    work = retailer.one_work(retailer.place({"shirt": 1})["number"])
    assert level("shirt", "lille") == (2, 1, 0)
    retailer.move(work, "decline", {"reason": "not_found"})
    assert level("shirt", "lille") == (0, 0, 0)
    assert_invariants_hold()


def test_an_unknown_reason_and_work_that_left_are_refused(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 5})
    work = retailer.one_work(retailer.place({"shirt": 2})["number"])
    assert refused(retailer, work, "decline", {"reason": "bored"}, status=422)["code"] == "invalid"
    assert refused(retailer, work, "decline", {"reason": "other", "lines": lines(hat=1)}, status=422)["code"] == (
        "quantity_mismatch"
    )
    assert refused(retailer, work, "decline", {"reason": "other", "lines": lines(shirt=3)}, status=422)["errors"] == {
        "lines": {"shirt": ["3 asked, 2 here."]}
    }
    retailer.ship(work)
    problem = refused(retailer, work, "decline", {"reason": "other"}, status=409)
    assert (problem["code"], problem["data"]) == ("state_conflict", {"state": "handed_over"})
