from __future__ import annotations

import pytest

from tests.execution.watching import level, lines, state_of
from tests.factories.retailer import Json, Retailer
from tests.support.holding import assert_invariants_hold

AFTER = {"damaged": (5, 2, 1), "display": (5, 2, 1), "no_capacity": (5, 2, 0), "closed": (5, 2, 0), "other": (5, 2, 0)}


def three_shirts(retailer: Retailer) -> Json:
    retailer.report("receipt", {("shirt", "lille"): 5, ("shirt", "lyon"): 5})
    return retailer.one_work(retailer.place({"shirt": 3})["number"])


@pytest.mark.parametrize("reason", AFTER)
def test_one_of_three(retailer: Retailer, reason: str) -> None:
    work = three_shirts(retailer)
    left = retailer.move(work, "decline", {"reason": reason, "lines": lines(shirt=1)})
    assert (left["state"], [line["quantity"] for line in left["lines"]]) == ("accepted", [2])
    assert level("shirt", "lille") == AFTER[reason]
    retailer.drain()
    assert retailer.slices(work["order"]) == {("shirt", "lille", 2, "assigned"), ("shirt", "lyon", 1, "assigned")}
    assert_invariants_hold()


def test_not_found_leaves_nothing_on_the_shelf_so_the_rest_moves_too(retailer: Retailer) -> None:
    work = three_shirts(retailer)
    retailer.move(work, "decline", {"reason": "not_found", "lines": lines(shirt=1)})
    assert level("shirt", "lille") == (0, 2, 0)
    retailer.drain()
    assert sum(row[2] for row in retailer.slices(work["order"]) if row[1] == "lyon") == 3
    assert level("shirt", "lille") == (0, 0, 0)
    assert level("shirt", "lyon") == (5, 3, 0)
    assert_invariants_hold()


def test_declined_by_sku_the_other_article_stays(retailer: Retailer) -> None:
    retailer.report("receipt", {(sku, point): 5 for sku in ("shirt", "hat") for point in ("lille", "lyon")})
    work = retailer.one_work(retailer.place({"shirt": 2, "hat": 1})["number"])
    retailer.move(work, "decline", {"reason": "other", "lines": lines(hat=1)})
    retailer.drain()
    assert retailer.slices(work["order"]) == {("shirt", "lille", 2, "assigned"), ("hat", "lyon", 1, "assigned")}
    assert_invariants_hold()


def test_once_the_rest_is_picked_it_is_ready_for_its_customer(retailer: Retailer) -> None:
    """The last unpicked article is declined: what was picked before waits for nothing more."""
    retailer.report("receipt", {("shirt", "paris"): 5, ("hat", "paris"): 5})
    number = retailer.place({"shirt": 2, "hat": 1}, mode="pickup", pickup_point="paris")["number"]
    work = retailer.accept(retailer.one_work(number))
    assert retailer.move(work, "pick", {"lines": lines(shirt=2)})["state"] == "picking"
    retailer.move(work, "decline", {"reason": "damaged", "lines": lines(hat=1)})
    assert state_of(work) == "ready_for_pickup"
    retailer.drain()
    collected = retailer.move(work, "collect", {"code": retailer.code_for(work)})
    assert collected["state"] == "completed"
    assert level("shirt", "paris") == (3, 0, 0)
    assert level("hat", "paris") == (5, 0, 1)
    assert_invariants_hold()
