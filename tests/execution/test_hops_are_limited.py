"""Fault 27: everyone declines. The order is parked within the hop limit, and a person is told."""

from __future__ import annotations

from orders.models import Order
from tests.execution.watching import told
from tests.factories.retailer import LILLE, Retailer
from tests.support.holding import assert_invariants_hold


def limited(retailer: Retailer, hops: int) -> str:
    """An order that four warehouses could send, of which so many may be asked after the first."""
    retailer.add_points(["a", "b", "c", "d"], kind="warehouse", **LILLE)
    retailer.publish_rules("short", modes=["home"], rules=[{"name": "any"}], max_hops=hops)
    retailer.report("receipt", {("shirt", point): 5 for point in "abcd"})
    number: str = retailer.place({"shirt": 1})["number"]
    return number


def decline_until_parked(retailer: Retailer, number: str) -> list[str]:
    asked = []
    while works := retailer.work(number):
        asked.append(works[0]["stock_point"])
        assert len(asked) < 10
        retailer.move(works[0], "decline", {"reason": "closed"})
    return asked


def test_nobody_is_asked_twice_nor_beyond_the_limit(retailer: Retailer) -> None:
    number = limited(retailer, hops=2)
    asked = decline_until_parked(retailer, number)
    assert len(asked) == len(set(asked)) == 3
    assert retailer.slices(number) == {("shirt", None, 1, "unfillable")}
    order = Order.objects.get(number=number)
    assert (order.state, order.hops) == ("confirmed", 3)
    assert order.needs_attention == "Declined too often: nobody is asked any more."
    assert told(number, "order.needs_attention") == 1
    assert retailer.available("shirt") == 20
    assert_invariants_hold()


def test_new_stock_does_not_begin_the_round_again(retailer: Retailer) -> None:
    number = limited(retailer, hops=1)
    decline_until_parked(retailer, number)
    retailer.report("receipt", {("shirt", "d"): 5})
    assert retailer.work(number) == []
    assert retailer.order(number)["needs_attention"] == "Declined too often: nobody is asked any more."


def test_when_all_have_declined_within_the_limit_it_is_unfillable(retailer: Retailer) -> None:
    number = limited(retailer, hops=9)
    assert len(decline_until_parked(retailer, number)) == 4
    assert retailer.slices(number) == {("shirt", None, 1, "unfillable")}
    assert Order.objects.get(number=number).needs_attention == "Some units find no stock point."
    assert_invariants_hold()


def test_parked_units_can_be_cancelled(retailer: Retailer) -> None:
    number = limited(retailer, hops=0)
    decline_until_parked(retailer, number)
    cancelled = retailer.api.post(f"/orders/{number}/cancel/", {})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    retailer.drain()
    assert [payment["state"] for payment in retailer.order(number)["payments"]] == ["voided"]
    assert_invariants_hold()
