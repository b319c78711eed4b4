from __future__ import annotations

from orders.models import Order
from tests.execution.watching import level
from tests.factories.retailer import LILLE, Retailer
from tests.support.holding import assert_invariants_hold


def parked(retailer: Retailer) -> str:
    retailer.report("receipt", {("shirt", "lille"): 1})
    number: str = retailer.place({"shirt": 1})["number"]
    retailer.move(retailer.one_work(number), "decline", {"reason": "not_found"})
    assert retailer.work(number) == []
    assert Order.objects.get(number=number).needs_attention == "Some units find no stock point."
    return number


def test_at_another_stock_point(retailer: Retailer) -> None:
    number = parked(retailer)
    retailer.report("receipt", {("shirt", "lyon"): 4})
    work = retailer.one_work(number)
    assert (work["stock_point"], work["state"]) == ("lyon", "accepted")
    assert level("shirt", "lyon") == (4, 1, 0)
    assert Order.objects.get(number=number).needs_attention == ""
    assert_invariants_hold()


def test_not_where_it_was_declined(retailer: Retailer) -> None:
    number = parked(retailer)
    retailer.report("receipt", {("shirt", "lille"): 4})
    assert retailer.work(number) == []
    assert retailer.slices(number) == {("shirt", None, 1, "unfillable")}
    assert level("shirt", "lille") == (4, 0, 0)


def test_whoever_has_waited_longest_gets_it(retailer: Retailer) -> None:
    retailer.add_points(["roubaix"], kind="warehouse", **LILLE)
    retailer.report("receipt", {("shirt", "lille"): 1, ("shirt", "roubaix"): 1})
    numbers = [retailer.place({"shirt": 1})["number"] for _ in range(2)]
    for number in numbers:
        retailer.move(retailer.one_work(number), "decline", {"reason": "not_found"})
    assert [retailer.work(number) for number in numbers] == [[], []]
    retailer.report("receipt", {("shirt", "lyon"): 1})
    assert retailer.one_work(numbers[0])["stock_point"] == "lyon"
    assert retailer.work(numbers[1]) == []
    assert_invariants_hold()
