"""Fewer than asked: the shelf is down to what was picked, the rest becomes another stock point's work."""

from __future__ import annotations

import pytest

from oms.orchestration.models import SourcingRun
from orders.services.waiting import retry_waiting_orders
from tests.execution.watching import history, level, lines, movements, repeated, told
from tests.factories.retailer import Json, Retailer
from tests.support.holding import assert_invariants_hold


def three_shirts(retailer: Retailer, **others: int) -> Json:
    stock = {(sku, point): 5 for sku in ("shirt", *others) for point in ("lille", "lyon")}
    retailer.report("receipt", stock)
    return retailer.one_work(retailer.place({"shirt": 3, **others})["number"])


def test_one_of_three_is_missing(retailer: Retailer) -> None:
    work = three_shirts(retailer)
    found = retailer.move(work, "pick", {"lines": lines(shirt=2)})
    assert [(line["quantity"], line["picked"]) for line in found["lines"]] == [(2, 2)]
    assert level("shirt", "lille") == (2, 2, 0)
    assert movements("shirt", "lille", "adjustment") == [-3]
    assert history(work["order"]) == [
        ("shirt", "lille", 2, "picked", ""),
        ("shirt", "lille", 1, "short_picked", "not_found"),
        ("shirt", None, 1, "unfillable", "not_found"),
    ]
    assert repeated(retailer, work, "pick", {"lines": lines(shirt=2)}) == found
    retailer.drain()
    assert retailer.slices(work["order"]) == {("shirt", "lille", 2, "picked"), ("shirt", "lyon", 1, "assigned")}
    assert level("shirt", "lyon") == (5, 1, 0)
    assert_invariants_hold()


def test_what_is_left_is_shipped_from_both(retailer: Retailer) -> None:
    work = three_shirts(retailer)
    found = retailer.move(work, "pick", {"lines": lines(shirt=2)})
    retailer.deliver(shipped(retailer, found))
    (other,) = retailer.work(work["order"], stock_point="lyon")
    retailer.deliver(retailer.ship(other))
    assert retailer.order(work["order"])["state"] == "fulfilled"
    assert (level("shirt", "lille"), level("shirt", "lyon")) == ((0, 0, 0), (4, 0, 0))
    assert [payment["captured"] for payment in retailer.order(work["order"])["payments"]] == ["30.00"]
    assert_invariants_hold()


def shipped(retailer: Retailer, picked: Json) -> Json:
    sent = retailer.move(retailer.pack(picked), "hand-over")
    retailer.drain()
    return sent


def test_nothing_was_found(retailer: Retailer) -> None:
    work = three_shirts(retailer)
    found = retailer.move(work, "pick", {"lines": lines(shirt=0)})
    assert (found["state"], found["decline_reason"], found["lines"]) == ("declined", "not_found", [])
    assert level("shirt", "lille") == (0, 0, 0)
    assert repeated(retailer, work, "pick", {"lines": lines(shirt=0)}) == found
    assert told(work["order"], "fulfilment.short_picked") == 1
    assert retailer.one_work(work["order"])["stock_point"] == "lyon"
    assert_invariants_hold()


def test_nothing_was_found_of_one_of_two_articles(retailer: Retailer) -> None:
    work = three_shirts(retailer, hat=1)
    found = retailer.move(work, "pick", {"lines": lines(shirt=0, hat=1)})
    assert (found["state"], [line["sku"] for line in found["lines"]]) == ("picking", ["hat"])
    assert repeated(retailer, work, "pick", {"lines": lines(shirt=0, hat=1)}) == found
    assert (level("shirt", "lille"), level("hat", "lille")) == ((0, 0, 0), (5, 1, 0))
    assert_invariants_hold()


def test_what_others_have_picked_there_still_exists(retailer: Retailer) -> None:
    other = three_shirts(retailer)
    retailer.pick(other)
    work = retailer.one_work(retailer.place({"shirt": 2})["number"])
    retailer.move(work, "pick", {"lines": lines(shirt=1)})
    assert level("shirt", "lille") == (4, 4, 0)
    assert_invariants_hold()


def test_what_is_collected_here_is_ready_with_what_was_found(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "paris"): 3})
    number = retailer.place({"shirt": 2}, mode="pickup", pickup_point="paris")["number"]
    work = retailer.accept(retailer.one_work(number))
    ready = retailer.move(work, "pick", {"lines": lines(shirt=1)})
    assert (ready["state"], [line["quantity"] for line in ready["lines"]]) == ("ready_for_pickup", [1])
    assert level("shirt", "paris") == (1, 1, 0)
    assert repeated(retailer, work, "pick", {"lines": lines(shirt=1)}) == ready
    assert_invariants_hold()


@pytest.mark.parametrize("first", ["the decline", "stock that came back"])
def test_the_new_decision_says_why_it_was_made_whoever_looks_first(retailer: Retailer, first: str) -> None:
    work = three_shirts(retailer)
    retailer.move(work, "pick", {"lines": lines(shirt=2)})
    if first == "stock that came back":
        retry_waiting_orders()
    retailer.drain()
    assert _triggers(work["order"])[-1] == "not_found"


def test_a_decline_is_told_as_one_and_once(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 1})
    work = retailer.one_work(retailer.place({"shirt": 1})["number"])
    retailer.move(work, "decline", {"reason": "no_capacity"})
    retailer.drain()
    assert _triggers(work["order"])[-1] == "declined"
    retailer.report("receipt", {("shirt", "lyon"): 1})
    retailer.drain()
    assert _triggers(work["order"])[-1] == "retried"


def _triggers(number: str) -> list[str]:
    return list(SourcingRun.objects.filter(reference=number).order_by("pk").values_list("trigger", flat=True))
