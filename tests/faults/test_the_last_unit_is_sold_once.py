"""Fault 10: one unit, fifty buyers at once over HTTP; and the same without the guard, which oversells."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.faults.conftest import Shop
from tests.support.stack import Stack, order_body, receive, running_stack

BUYERS = 50


def fifty_buyers(stack: Stack) -> Counter[int]:
    """How often each status was answered."""
    together = Barrier(BUYERS)

    def buy(buyer: int) -> int:
        with stack.api(stack.key) as api:
            together.wait(timeout=60)
            return api.post("/orders/", json=order_body(f"buyer-{buyer}", sku="LAST")).status_code

    with ThreadPoolExecutor(BUYERS) as pool:
        return Counter(pool.map(buy, range(BUYERS)))


def add_the_last_unit(stack: Stack) -> None:
    with stack.api(stack.key) as api:
        product = {"code": "LAST", "name": "Last", "brand": "", "category": "things"}
        variant = {"sku": "LAST", "product": product, "price": "10.00", "currency": "EUR", "weight_g": 500}
        assert api.put("/variants/", json=[variant]).json()["errors"] == []
        receive(api, {("LAST", "WH-1"): 1})


def live_units(stack: Stack) -> int:
    rows = stack.query(
        "SELECT coalesce(sum(r.quantity), 0) FROM stock_reservation r JOIN stock_variant v ON v.id = r.variant_id "
        "WHERE v.sku = 'LAST' AND r.ended_at IS NULL"
    )
    return int(rows[0][0])


def test_one_buyer_gets_the_last_unit_and_forty_nine_are_told(stack: Stack) -> None:
    add_the_last_unit(stack)
    assert fifty_buyers(stack) == {201: 1, 409: BUYERS - 1}
    assert live_units(stack) == 1
    assert stack.query("SELECT count(*) FROM orders_order WHERE state = 'confirmed'") == [(1,)]
    assert stack.check_invariants().endswith(" 0 violated")


def test_without_the_guard_the_same_buyers_oversell(shop: Shop) -> None:
    """The negative control: it is the guard that the test above proves."""
    with running_stack(shop.files) as stack:
        stack.key = shop.key
        stack.start_web("tests.faults.unguarded_wsgi")
        add_the_last_unit(stack)
        assert fifty_buyers(stack)[201] > 1
        assert live_units(stack) > 1
