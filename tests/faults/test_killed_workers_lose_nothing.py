"""Faults 1 and 2: a worker's child, then a whole worker, is killed in the middle of sourcing an order."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.support.stack import Running, Stack, order_body
from tests.support.waiting import wait_until


@contextmanager
def order_row_locked(stack: Stack, number: str) -> Iterator[None]:
    """Whoever sources this order waits in the middle of its transaction until the block ends."""
    with psycopg.connect(stack.postgres.url) as connection:
        connection.execute("SELECT 1 FROM orders_order WHERE number = %s FOR UPDATE", [number])
        yield
        connection.rollback()


def someone_waits_for_a_lock(stack: Stack) -> bool:
    return bool(stack.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))


def fulfilments(stack: Stack, number: str) -> int:
    rows = stack.query(
        "SELECT count(*) FROM orders_fulfilment f JOIN orders_order o ON o.id = f.order_id WHERE o.number = %s", number
    )
    return int(rows[0][0])


def place(stack: Stack, reference: str) -> str:
    with stack.api(stack.key) as api:
        answer = api.post("/orders/", json=order_body(reference))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


@contextmanager
def stuck_in_the_middle(stack: Stack, reference: str) -> Iterator[str]:
    """Place an order whose sourcing waits inside its transaction for as long as the block lasts."""
    number = place(stack, reference)
    with order_row_locked(stack, number):
        wait_until(lambda: someone_waits_for_a_lock(stack), 60)
        yield number


def kill_child(worker: Running) -> None:
    os.kill(worker.children()[-1], signal.SIGKILL)


def test_killing_the_workers_child_mid_task_sources_the_order_once(stack: Stack) -> None:
    stack.start_scheduler()
    worker = stack.start_worker()
    with stuck_in_the_middle(stack, "child-killed") as number:
        children = worker.children()
        kill_child(worker)
        wait_until(lambda: worker.children() != children, 30)
    wait_until(lambda: fulfilments(stack, number) > 0, 90)
    assert fulfilments(stack, number) == 1
    assert stack.check_invariants().endswith(" 0 violated")


def test_killing_the_whole_worker_mid_task_sources_the_order_once_by_the_next(stack: Stack) -> None:
    stack.start_scheduler()
    worker = stack.start_worker()
    with stuck_in_the_middle(stack, "worker-killed") as number:
        worker.kill()
        stack.start_worker(name="second")
    wait_until(lambda: fulfilments(stack, number) > 0, 60)
    assert fulfilments(stack, number) == 1
    assert stack.check_invariants().endswith(" 0 violated")


@pytest.mark.long
def test_ten_rolling_restarts_of_the_worker_lose_nothing(stack: Stack) -> None:
    stack.start_scheduler()
    worker = stack.start_worker(processes=2, name="worker-0")
    numbers = []
    for turn in range(1, 11):
        numbers += [place(stack, f"rolling-{turn}-{index}") for index in range(5)]
        worker.process.terminate()
        worker.process.wait(timeout=60)
        worker = stack.start_worker(processes=2, name=f"worker-{turn}")
    wait_until(lambda: all(fulfilments(stack, number) == 1 for number in numbers), 120)
    assert stack.check_invariants().endswith(" 0 violated")
