"""Facts about what is given back before it leaves, and about figures."""

from __future__ import annotations

from oms.core import clock
from stock.models import Reservation, StockMovement
from tests.factories.retailer import answered
from tests.peers.facts import Case, Shop, fact


def cancel_units(shop: Shop, number: str, units: int) -> None:
    (line,) = shop.retailer.order(number)["lines"]
    answered(shop.api.post(f"/orders/{number}/lines/{line['id']}/cancel/", {"quantity": units}), 200)


@fact("SAL-13")
def what_is_given_back_never_makes_the_promise_negative(shop: Shop, case: Case) -> None:
    shop.shelf(case.given["on_hand"])
    number = shop.ordered(case.given["allocated"])["number"]
    (line,) = shop.retailer.order(number)["lines"]
    too_much = shop.api.post(f"/orders/{number}/lines/{line['id']}/cancel/", {"quantity": 200})
    assert too_much.status_code == 422
    assert shop.level() == (100, 80)
    cancel_units(shop, number, 50)
    assert shop.level() == tuple(case.expect["50"][name] for name in ("on_hand", "allocated"))
    for _ in range(2):
        shop.api.post(f"/orders/{number}/cancel/", {})
        assert shop.level() == tuple(case.expect["200"][name] for name in ("on_hand", "allocated"))


@fact("VEN-12")
def a_cancelled_unit_is_free_again(shop: Shop, case: Case) -> None:
    shop.shelf(case.given["on_hand"])
    number = shop.sourced(case.given["ordered"])["number"]
    cancel_units(shop, number, 1)
    assert shop.level() == (case.expect["on_hand"], case.expect["allocated"])
    released = Reservation.objects.filter(state="released").values_list("quantity", flat=True)
    assert (list(released), case.expect["movement"]) == ([1], "release 1")


@fact("VEN-13")
def shipped_goods_cannot_be_cancelled(shop: Shop, case: Case) -> None:
    """Only the first half: what a customer sends back is a return."""
    shop.shelf(case.given["on_hand"])
    number = shop.ordered(case.given["allocated"])["number"]
    shop.ship(number)
    after = case.expect["after_ship"]
    assert shop.level() == (after["on_hand"], after["allocated"])
    refused = shop.api.post(f"/orders/{number}/cancel/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "state_conflict")
    assert shop.level() == (after["on_hand"], after["allocated"])


@fact("VEN-16")
def cancelling_releases_only_what_was_reserved(shop: Shop, case: Case) -> None:
    shop.api.put_rows("/sales-channels/", [{"code": "web", "allows_backorders": True}])
    shop.shelf(0)
    number = shop.ordered(3)["number"]
    shop.moved("receipt", {"W": case.given["on_hand"]})
    answered(shop.api.post(f"/orders/{number}/cancel/", {}), 200)
    assert shop.level() == (case.expect["on_hand"], case.expect["allocated"])
    shop.retailer.drain()
    assert shop.level() == (case.expect["on_hand"], case.expect["allocated"])


@fact("VEN-17")
def the_same_figure_writes_nothing_and_a_negative_one_is_refused(shop: Shop, case: Case) -> None:
    """A feed never tells a negative figure, whatever its size; facts may take a level below zero."""
    shop.stock({"W": 3})
    shop.moved("count", {"W": -3})
    before = StockMovement.objects.count()
    same = shop.retailer.import_stock({("A", "W"): case.given["on_hand"]})
    assert (same["unchanged"], StockMovement.objects.count() - before) == (1, 0)
    assert case.expect["same_value"] == "no ledger entry"
    for figure in (-1, -21):
        assert _rejected(shop, figure) == 1
        assert shop.level() == (0, 0)
    assert (case.expect["-1"], case.expect["with threshold -20: -21"]) == ("refused", "refused")
    shop.moved("count", {"W": -10})
    assert (shop.level(), case.expect["-10"]) == ((-10, 0), "ok")


def _rejected(shop: Shop, figure: int) -> int:
    rows = [{"sku": "A", "stock_point": "W", "quantity": figure}]
    body = {"kind": "delta", "as_of": clock.now().isoformat(), "source": "erp", "rows": rows}
    response = shop.api.post("/stock-imports/", body)
    if response.status_code == 422:
        return 1
    accepted = answered(response, 202)
    shop.retailer.drain()
    rejected: int = answered(shop.api.get(f"/stock-imports/{accepted['id']}/"), 200)["rejected"]
    return rejected


@fact("VEN-20")
def what_is_given_back_or_sent_stays_with_its_stock_point(shop: Shop, case: Case) -> None:
    """All but the last step: sent goods that come back are returns."""
    shop.stock({"L1": 100, "L2": 0}, sku="A")
    shop.stock({"L2": 120}, sku="B")
    number = shop.retailer.place({"A": 2, "B": 2})["number"]
    line = next(line for line in shop.retailer.order(number)["lines"] if line["sku"] == "B")
    answered(shop.api.post(f"/orders/{number}/lines/{line['id']}/cancel/", {"quantity": 1}), 200)
    assert {"L2": list(shop.level("L2", "B"))} == case.expect["after_cancel_1"]
    shop.ship(number)
    found = {"A L1": list(shop.level("L1", "A")), "B L2": list(shop.level("L2", "B"))}
    assert found == case.expect["after_ship"]


@fact("VEN-21")
def one_more_unit_is_one_more_promise(shop: Shop, case: Case) -> None:
    """An order's lines never grow: one more unit is another order."""
    shop.shelf(case.given["on_hand"])
    shop.ordered(case.given["allocated"])
    shop.ordered(1)
    assert shop.level() == (case.expect["on_hand"], case.expect["allocated"])


@fact("VEN-22")
def one_more_unit_after_shipping_is_a_new_promise(shop: Shop, case: Case) -> None:
    shop.shelf(case.given["on_hand"] + case.given["shipped"])
    shop.ship(shop.ordered(case.given["shipped"])["number"])
    shop.ordered(1)
    assert shop.level() == (case.expect["on_hand"], case.expect["allocated"])


@fact("VEN-23")
def a_line_taken_off_is_a_promise_less(shop: Shop, case: Case) -> None:
    shop.shelf(case.given["on_hand"])
    number = shop.ordered(case.given["allocated"])["number"]
    (line,) = shop.retailer.order(number)["lines"]
    answered(shop.api.post(f"/orders/{number}/lines/{line['id']}/cancel/", {}), 200)
    assert shop.level() == (case.expect["on_hand"], case.expect["allocated"])
