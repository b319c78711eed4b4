"""Fault 8 over HTTP: two crowds buy the same two articles in opposite orders."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.support.stack import Stack, order_body

CROWD = 4
ORDERS_EACH = 12


def test_all_of_both_crowds_are_served(stack: Stack) -> None:
    def buy(client: int) -> list[int]:
        skus = ["SKU-1", "SKU-2"] if client % 2 else ["SKU-2", "SKU-1"]
        lines = [{"sku": sku, "quantity": 1} for sku in skus]
        with stack.api(stack.key) as api:
            return [
                api.post("/orders/", json={**order_body(f"crowd-{client}-{turn}"), "lines": lines}).status_code
                for turn in range(ORDERS_EACH)
            ]

    with ThreadPoolExecutor(2 * CROWD) as pool:
        answers = Counter(status for statuses in pool.map(buy, range(2 * CROWD)) for status in statuses)
    assert answers == {201: 2 * CROWD * ORDERS_EACH}
    assert stack.check_invariants().endswith(" 0 violated")
