"""Fault 12 and 13: a repeat gives the same answer; somebody else is told who was first, and when."""

from __future__ import annotations

from tests.execution.watching import refused, repeated, told
from tests.factories.clients import api_client
from tests.factories.retailer import Json, Retailer
from tests.support.holding import assert_invariants_hold


def offered(retailer: Retailer) -> Json:
    retailer.report("receipt", {("shirt", "paris"): 3})
    work = retailer.one_work(retailer.place({"shirt": 1})["number"])
    assert (work["stock_point"], work["state"]) == ("paris", "offered")
    return work


def test_accepting_assigns_the_slices_and_begins_the_order(retailer: Retailer) -> None:
    work = offered(retailer)
    assert retailer.order(work["order"])["state"] == "confirmed"
    accepted = retailer.move(work, "accept")
    assert accepted["state"] == "accepted"
    assert retailer.slices(work["order"]) == {("shirt", "paris", 1, "assigned")}
    assert retailer.order(work["order"])["state"] == "in_progress"
    assert_invariants_hold()


def test_the_same_person_gets_the_same_answer_twice(retailer: Retailer) -> None:
    work = offered(retailer)
    first = retailer.move(work, "accept")
    assert repeated(retailer, work, "accept") == first
    assert repeated(retailer, work, "claim") == first
    assert told(work["order"], "fulfilment.accepted") == 1


def test_another_is_told_who_took_it_and_when(retailer: Retailer) -> None:
    work = offered(retailer)
    first = retailer.move(work, "accept")
    problem = refused(retailer, work, "claim", status=409, api=api_client("fulfilments:write"))
    assert problem["code"] == "offer_taken"
    assert problem["data"]["claimed_by"] == first["accepted_by"]
    assert problem["data"]["claimed_at"][:19] == first["accepted_at"][:19]


def test_another_is_still_told_once_the_work_has_gone_on(retailer: Retailer) -> None:
    work = offered(retailer)
    first = retailer.move(work, "accept")
    retailer.pick(first)
    problem = refused(retailer, work, "accept", status=409, api=api_client("fulfilments:write"))
    assert (problem["code"], problem["data"]["claimed_by"]) == ("offer_taken", first["accepted_by"])


def test_a_warehouse_has_its_work_without_accepting(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "lille"): 3})
    work = retailer.one_work(retailer.place({"shirt": 1})["number"])
    assert work["state"] == "accepted"
    assert repeated(retailer, work, "accept") == work
