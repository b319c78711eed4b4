"""Fault 4 on the default broker, the database: its queue schema is unusable while orders come in."""

from __future__ import annotations

import time

from tests.faults.test_killed_workers_lose_nothing import fulfilments
from tests.support.stack import Stack, order_body
from tests.support.waiting import wait_until


def test_orders_are_answered_at_once_and_sourced_when_the_broker_is_back(stack: Stack) -> None:
    stack.start_scheduler()
    stack.start_worker()
    stack.query("ALTER SCHEMA pgmq RENAME TO pgmq_away")
    numbers, slowest = [], 0.0
    with stack.api(stack.key) as api:
        api.get("/stock-levels/")  # opens the connection outside the measure
        for turn in range(5):
            started = time.monotonic()
            answer = api.post("/orders/", json=order_body(f"broker-down-{turn}"))
            slowest = max(slowest, time.monotonic() - started)
            assert answer.status_code == 201, answer.text
            numbers.append(answer.json()["number"])
    assert slowest < 1.0
    assert [fulfilments(stack, number) for number in numbers] == [0] * 5
    stack.query("ALTER SCHEMA pgmq_away RENAME TO pgmq")
    wait_until(lambda: all(fulfilments(stack, number) == 1 for number in numbers), 90)
    assert stack.check_invariants().endswith(" 0 violated")
