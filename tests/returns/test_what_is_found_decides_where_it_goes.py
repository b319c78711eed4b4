"""Grade and the banner's rules decide what becomes of each unit; stock follows at once."""

from __future__ import annotations

from typing import Any

import pytest

from returns.models import ReturnPolicy
from stock.models import Unavailability
from tests.returns.conftest import Counter
from tests.support.holding import assert_invariants_hold


@pytest.mark.parametrize(
    ("grade", "disposition", "level"),
    [
        ("new", "shelf", (5, 0, 0)),
        ("opened", "shelf", (5, 0, 0)),
        ("damaged", "repair", (5, 0, 1)),
        ("unsellable", "destroy", (4, 0, 0)),
    ],
)
def test_each_grade_has_its_way(counter: Counter, grade: str, disposition: str, level: tuple[int, int, int]) -> None:
    returned = counter.inspected(counter.sold(), grade=grade)
    assert returned["lines"][0]["dispositions"] == [
        {"quantity": 1, "grade": grade, "disposition": disposition, "destination": None}
    ]
    assert counter.level("shirt", "paris") == level
    assert_invariants_hold()


def test_why_it_is_unavailable_is_written_down(counter: Counter) -> None:
    returned = counter.inspected(counter.sold(), grade="damaged")
    found = Unavailability.objects.order_by("pk").values_list("quantity", "reason", "reference")
    reference = f"return:{returned['number']}"
    assert list(found) == [
        (1, "to_inspect", reference),
        (-1, "to_inspect", f"{reference}:1"),
        (1, "to_repair", f"{reference}:1"),
    ]


def test_a_store_that_has_none_gets_what_another_has(counter: Counter) -> None:
    ReturnPolicy.objects.create(new_goes_to="where_needed")
    counter.retailer.report("receipt", {("shirt", "lyon"): 1})
    counter.retailer.report("sale", {("shirt", "lyon"): -1})
    returned = counter.inspected(counter.sold())
    (found,) = returned["lines"][0]["dispositions"]
    assert (found["disposition"], found["destination"]) == ("store", "lyon")
    assert counter.level("shirt", "paris") == (5, 0, 1)
    # Nobody lacks it, so it stays.
    counter.retailer.report("receipt", {("shirt", "lyon"): 3})
    (found,) = counter.inspected(counter.sold())["lines"][0]["dispositions"]
    assert (found["disposition"], found["destination"]) == ("shelf", None)


def test_to_the_warehouse_by_the_rules_or_by_hand(counter: Counter) -> None:
    returned = counter.received(counter.sold())
    found = counter.inspect(returned, ("shirt", 1, "new"), disposition="warehouse")["lines"][0]["dispositions"]
    assert [(each["disposition"], each["destination"]) for each in found] == [("warehouse", "depot")]
    assert counter.level("shirt", "paris") == (5, 0, 1)


def test_several_inspections_until_all_is_looked_at(counter: Counter) -> None:
    returned = counter.received(counter.sold({"shirt": 3}))
    assert counter.inspect(returned, ("shirt", 2, "new"))["state"] == "received"
    assert counter.level("shirt", "paris") == (5, 0, 1)
    refusal = counter.refused(
        returned, "inspect", {"lines": [{"sku": "shirt", "quantity": 2, "grade": "new"}]}, status=422
    )
    assert (refusal["code"], list(refusal["errors"])) == ("quantity_mismatch", ["shirt"])
    assert counter.level("shirt", "paris") == (5, 0, 1)
    waiting = counter.refused(returned, "refund", status=409)
    assert (waiting["code"], waiting["data"]["lines"]) == ("not_inspected", [{"sku": "shirt", "quantity": 1}])
    assert counter.inspect(returned, ("shirt", 1, "unsellable"))["state"] == "inspected"
    assert counter.level("shirt", "paris") == (4, 0, 0)
    assert_invariants_hold()


def test_what_the_policy_does_not_refund_comes_back_for_nothing(counter: Counter) -> None:
    ReturnPolicy.objects.create(refunded_grades=["new", "opened"])
    returned = counter.received(counter.sold({"shirt": 2}))
    settled = counter.move(counter.inspect(returned, ("shirt", 1, "new"), ("shirt", 1, "damaged")), "refund")
    assert (settled["goods_amount"], settled["refund_amount"]) == ("10.00", "10.00")
    assert_invariants_hold()


def test_goods_that_come_back_serve_who_waits_for_them(
    counter: Counter, django_capture_on_commit_callbacks: Any
) -> None:
    """A waiting order is sourced again when a returned unit is for sale."""
    counter.retailer.add_channel("web", allows_backorders=True)
    order = counter.sold({"coat": 5})
    counter.retailer.report("sale", {("coat", "depot"): -50})
    waiting = counter.retailer.place({"coat": 1})
    counter.retailer.drain()
    assert counter.retailer.slices(waiting["number"]) == {("coat", None, 1, "backordered")}
    counter.inspected(order, {"coat": 1})
    counter.retailer.drain()
    assert {point for _, point, _, _ in counter.retailer.slices(waiting["number"])} == {"paris"}
    assert_invariants_hold()
