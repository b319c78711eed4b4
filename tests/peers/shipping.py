"""Facts about goods that leave, come short or come back."""

from __future__ import annotations

import pytest

from oms.core.errors import ConcurrentChange
from orders.models import Payment
from orders.services.work import lock_work, read_work
from stock.models import Reservation, StockMovement
from tests.factories.retailer import answered, totals
from tests.peers.facts import Case, Shop, fact


@fact("SAL-11")
def a_parcel_takes_its_units_off_the_shelf_and_off_the_promise(shop: Shop, case: Case) -> None:
    shop.shelf(case.given["on_hand"])
    number = shop.ordered(case.given["allocated"])["number"]
    shop.ship_part(number, 50)
    assert shop.level() == (case.expect["on_hand"], case.expect["allocated"])


@fact("SAL-12")
def what_is_not_there_cannot_be_shipped(shop: Shop, case: Case) -> None:
    """The customer is still owed all 80; the 60 that are not there wait, and only 20 are left to pick."""
    shop.shelf(case.given["allocated"])
    number = shop.sourced(case.given["allocated"])["number"]
    shop.counted_down_to(case.given["on_hand"])
    work = shop.retailer.one_work(number)
    assert totals(work) == [{"sku": "A", "quantity": 20}]
    refused = shop.api.post(f"/fulfilments/{work['id']}/pick/", {"lines": [{"sku": "A", "quantity": 50}]})
    assert (refused.status_code, refused.json()["code"]) == (422, "quantity_mismatch")
    assert (shop.level()[0], shop.owed(number)) == (case.expect["on_hand"], case.expect["allocated"])


@fact("SAL-14")
def shipping_from_elsewhere_frees_the_plan(shop: Shop, case: Case) -> None:
    """W1 gives its part back, W2 sends it all."""
    planned = case.given["line_allocated"]
    shop.stock({"W1": planned["W1"], "W2": planned["W2"]})
    number = shop.sourced(3)["number"]
    assert shop.allocated(number, "W1", "W2") == planned
    shop.moved("receipt", {point: case.given["stock"][point] - planned[point] for point in planned})
    (first,) = shop.retailer.work(number, stock_point="W1")
    shop.retailer.move(first, "decline", {"reason": "other"})
    shop.ship(number)
    assert {point: shop.level(point)[0] for point in planned} == case.expect["on_hand"]
    assert shop.allocated(number, "W1", "W2") == case.expect["line_allocated"]
    assert shop.reserved("W1", "W2") == case.expect["line_allocated"]


@fact("SAL-15")
def shipping_a_part_leaves_the_rest_planned(shop: Shop, case: Case) -> None:
    planned = case.given["line_allocated"]
    shop.stock({"W1": planned["W1"], "W2": planned["W2"]})
    number = shop.sourced(3)["number"]
    assert shop.allocated(number, "W1", "W2") == planned
    shop.moved("receipt", {point: case.given["stock"][point] - planned[point] for point in planned})
    (work,) = shop.retailer.work(number, stock_point="W1")
    shop.retailer.ship(work)
    assert {point: shop.level(point)[0] for point in planned} == case.expect["on_hand"]
    assert shop.allocated(number, "W1", "W2") == case.expect["line_allocated"]


@fact("SAL-16")
def goods_that_come_back_can_be_sold_again(shop: Shop, case: Case) -> None:
    shop.shelf(case.given["on_hand"])
    shop.ordered(case.given["allocated"])
    shop.moved("return", {"W": 50})
    assert shop.level() == tuple(case.expect["without"][name] for name in ("on_hand", "allocated"))
    shop.ordered(50)
    assert shop.level() == tuple(case.expect["with"][name] for name in ("on_hand", "allocated"))


@fact("SAL-21")
def work_done_meanwhile_is_not_done_twice(shop: Shop, case: Case) -> None:
    shop.shelf(100)
    number = shop.sourced(100)["number"]
    work = shop.retailer.one_work(number)
    read_before = read_work(work["id"])
    shop.retailer.ship(work)
    with pytest.raises(ConcurrentChange):
        lock_work(read_before)
    again = shop.api.post(f"/fulfilments/{work['id']}/pick/", {"lines": [{"sku": "A", "quantity": 101}]})
    assert (again.status_code, again.json()["code"]) == (409, "state_conflict")
    answered(shop.api.post(f"/fulfilments/{work['id']}/hand-over/", {}), 200)
    assert shop.level() == (0, 0)
    assert list(StockMovement.objects.filter(kind="shipment").values_list("quantity", flat=True)) == [-100]
    assert case.expect["rule"] == "the remaining quantity is re-read under lock"


@fact("VEN-03")
def what_is_not_there_can_be_back_ordered(shop: Shop, case: Case) -> None:
    """The channel takes orders beyond its stock: 3 are reserved, 5 wait, 8 are owed."""
    shop.api.put_rows("/sales-channels/", [{"code": "web", "allows_backorders": True}])
    shop.shelf(case.given["on_hand"])
    order = shop.ordered(8)
    (line,) = order["lines"]
    assert (order["state"], line["quantity"], line["backordered"]) == ("confirmed", case.expect["accepted"], 5)
    assert shop.level() == (case.expect["on_hand"], 3)
    assert shop.owed(order["number"]) == case.expect["allocated"]


@fact("VEN-09")
def capturing_does_not_allocate_again(shop: Shop, case: Case) -> None:
    quantity = case.given["qty"]
    shop.shelf(10)
    number = shop.sourced(quantity)["number"]
    assert (Payment.objects.get().state, shop.level()) == ("authorised", (10, case.expect["allocated"]))
    shop.ship(number)
    assert (Payment.objects.get().state, shop.level()) == ("captured", (10 - quantity, 0))
    used = Reservation.objects.filter(state="consumed").values_list("quantity", flat=True)
    assert sum(used) == case.expect["allocated"]
    assert not Reservation.objects.live().exists()


@fact("VEN-10")
def more_than_is_on_hand_cannot_be_shipped(shop: Shop, case: Case) -> None:
    shop.shelf(case.given["allocated"])
    number = shop.sourced(case.given["allocated"])["number"]
    shop.counted_down_to(case.given["on_hand"])
    work = shop.retailer.one_work(number)
    assert totals(work) == [{"sku": "A", "quantity": 3}]
    refused = shop.api.post(f"/fulfilments/{work['id']}/pick/", {"lines": [{"sku": "A", "quantity": 8}]})
    assert (refused.status_code, refused.json()["code"]) == (422, "quantity_mismatch")
    assert case.expect["error"] == "insufficient stock on hand (3)"
    assert shop.level()[0] == 3


@fact("VEN-11")
def the_rest_is_shipped_when_stock_comes(shop: Shop, case: Case) -> None:
    """`allocated` is what the customer is still owed: after the first parcel it waits for stock."""
    shop.shelf(case.given["allocated"])
    number = shop.sourced(case.given["allocated"])["number"]
    shop.counted_down_to(case.given["on_hand"])
    shop.ship(number)
    first = case.expect["after_first"]
    assert (shop.level()[0], shop.owed(number)) == (first["on_hand"], first["allocated"])
    shop.counted_down_to(10)
    shop.ship(number)
    second = case.expect["after_second"]
    assert (shop.level()[0], shop.owed(number)) == (second["on_hand"], second["allocated"])
    assert shop.level()[1] == second["allocated"]
