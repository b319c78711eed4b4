"""Fault 35: whatever is kept in memory is thrown away again and again while buyers buy: the database decides."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.support.stack import Stack, order_body, receive

UNITS, BUYERS = 20, 40


def flush_until(stack: Stack, done: threading.Event) -> int:
    """Every process forgets the network it keeps, with each of these writes; how often that was."""
    flushes = 0
    with stack.api(stack.key) as api:
        while not done.is_set():
            rows = [{"code": "WH-1", "priority": flushes % 7}, {"code": "WH-2", "priority": (flushes + 3) % 7}]
            assert api.put("/stock-points/", json=rows).json()["errors"] == []
            flushes += 1
    return flushes


def test_buyers_get_every_unit_and_not_one_more_while_the_cache_is_flushed(stack: Stack) -> None:
    with stack.api(stack.key) as api:
        product = {"code": "SCARCE", "name": "Scarce"}
        variant = {"sku": "SCARCE", "product": product, "price": "10.00", "currency": "EUR", "weight_g": 500}
        assert api.put("/variants/", json=[variant]).json()["errors"] == []
        receive(api, {("SCARCE", "WH-1"): UNITS // 2, ("SCARCE", "WH-2"): UNITS // 2})
    together, done = threading.Barrier(BUYERS), threading.Event()

    def buy(buyer: int) -> int:
        with stack.api(stack.key) as api:
            together.wait(timeout=60)
            return api.post("/orders/", json=order_body(f"buyer-{buyer}", sku="SCARCE")).status_code

    with ThreadPoolExecutor(BUYERS + 1) as pool:
        flushing = pool.submit(flush_until, stack, done)
        try:
            answers = Counter(pool.map(buy, range(BUYERS)))
        finally:
            done.set()
        assert flushing.result() > 1
    assert answers == {201: UNITS, 409: BUYERS - UNITS}
    with stack.api(stack.key) as api:
        (item,) = api.get("/availability/", params={"channel": "web", "sku": "SCARCE"}).json()["items"]
    assert item["available"] == 0
    assert stack.check_invariants().endswith(" 0 violated")
