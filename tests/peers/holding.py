"""Facts about carts that hold units for a while."""

from __future__ import annotations

from oms.core import clock
from stock.models import Reservation
from stock.services.reserving import expire_reservations
from tests.peers.facts import Case, Shop, assert_insufficient, fact


def held_units(shop: Shop, units: int) -> dict[str, int]:
    return {line["sku"]: line["quantity"] for line in shop.held(units)["lines"]}


@fact("SAL-17")
def a_cart_holds_units_without_moving_them_and_for_a_time(shop: Shop, case: Case) -> None:
    shop.stock(case.given["stock"])
    shop.held(5)
    assert shop.reserved("W1", "W2") == {point: case.expect[point] for point in ("W1", "W2")}
    assert {point: shop.level(point)[0] for point in ("W1", "W2")} == dict(case.given["stock"])
    held = Reservation.objects.get(stock_point__code="W1")
    assert held.expires_at is not None
    with clock.clock_at(held.expires_at):
        assert expire_reservations() == 2
    assert (shop.reserved("W1", "W2"), case.expect["expires"]) == ({"W1": 0, "W2": 0}, True)


@fact("SAL-18")
def holding_again_replaces(shop: Shop, case: Case) -> None:
    shop.stock(case.given["stock"])
    shop.held(case.given["cart already holds"])
    shop.held(5)
    assert shop.reserved("W1") == {"W1": case.expect["held"]}


@fact("SAL-19")
def a_cart_holds_only_what_is_not_promised(shop: Shop, case: Case) -> None:
    shop.stock(case.given["stock"])
    for point, units in case.given["allocated"].items():
        shop.ordered(units, mode="pickup", pickup_point=point)
    assert_insufficient(shop.hold(4), A=3)
    assert shop.reserved("W1", "W2") == dict(case.given["allocated"])


@fact("SAL-20")
def a_cart_holds_only_what_no_other_cart_holds(shop: Shop, case: Case) -> None:
    shop.stock(case.given["stock"])
    for point, units in case.given["allocated"].items():
        shop.ordered(units, mode="pickup", pickup_point=point)
    shop.held(case.given["other_cart_hold"]["W2"], reference="other", point="W2")
    assert_insufficient(shop.hold(2), A=1)
    assert shop.reserved("W1", "W2") == {"W1": 2, "W2": 3}


@fact("VEN-01")
def a_cart_is_told_how_much_it_can_have(shop: Shop, case: Case) -> None:
    """The refusal says how much there is; the caller then asks for that much."""
    shop.shelf(case.given["on_hand"])
    assert_insufficient(shop.hold(5), A=case.expect["available"])
    assert shop.level()[1] == case.expect["allocated"]
    assert held_units(shop, case.expect["available"]) == {"A": case.expect["line_qty"]}


@fact("VEN-02")
def a_cart_cannot_have_what_is_protected(shop: Shop, case: Case) -> None:
    shop.shelf(case.given["on_hand"])
    shop.api.put_rows("/protection-rules/", [{"code": "keep", "quantity": case.given["threshold(protection)"]}])
    shop.retailer.drain()
    assert_insufficient(shop.hold(2), A=case.expect["available"])
    assert held_units(shop, 1) == {"A": case.expect["line_qty"]}


@fact("VEN-04", "VEN-05")
def nothing_can_be_had_where_more_is_promised_than_there_is(shop: Shop, case: Case) -> None:
    """There are no negative thresholds here: what may be sold beyond the shelf is a back-order."""
    shop.shelf(case.given["allocated"])
    shop.ordered(case.given["allocated"])
    shop.counted_down_to(case.given["on_hand"])
    assert shop.level() == (case.given["on_hand"], case.given["allocated"])
    assert_insufficient(shop.hold(1), A=0)
    assert_insufficient(shop.asked({"A": 1}), A=0)
    assert "insufficient stock" in case.expect["error"]


@fact("VEN-06")
def an_empty_shelf_gives_nothing_to_a_cart(shop: Shop, case: Case) -> None:
    shop.shelf(case.given["on_hand"])
    assert_insufficient(shop.hold(1), A=case.expect["available"])
    assert Reservation.objects.count() == case.expect["lines"]


@fact("VEN-07")
def a_cart_that_has_all_can_have_no_more(shop: Shop, case: Case) -> None:
    """A hold is asked for whole: 4 instead of the 3 it has, of which its own 3 are available to it."""
    has = case.given["cart already has"]
    shop.shelf(case.given["on_hand"])
    shop.held(has)
    assert_insufficient(shop.hold(has + 1), A=has + case.expect["available"])
    assert shop.level()[1] == case.expect["line_qty"]
