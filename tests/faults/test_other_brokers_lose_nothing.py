"""Faults 1, 2 and 4 again with RabbitMQ and with Redis, where they run on this machine."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import SCOPES
from tests.faults.test_killed_workers_lose_nothing import fulfilments, kill_child, place, stuck_in_the_middle
from tests.support.proxy import CuttableProxy
from tests.support.stack import Stack, furnish, order_body, running_stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

BROKERS = {
    "rabbitmq": (("127.0.0.1", 5672), "amqp://guest:guest@127.0.0.1:{port}//"),
    "redis": (("127.0.0.1", 6379), "redis://127.0.0.1:{port}/9"),
}


@pytest.fixture(params=sorted(BROKERS))
def proxy_and_stack(request: pytest.FixtureRequest, cluster: Path) -> Iterator[tuple[CuttableProxy, Stack]]:
    """A stack whose broker is reached through a proxy that the test may cut."""
    address, url = BROKERS[request.param]
    try:
        socket.create_connection(address, timeout=2).close()
    except OSError:
        pytest.skip(f"no {request.param} listens on {address[0]}:{address[1]}")
    proxy = CuttableProxy(address)
    try:
        with running_stack(cluster, broker_url=url.format(port=proxy.port)) as stack:
            stack.start_web()
            stack.key = stack.create_key(*SCOPES)
            with stack.api(stack.key) as api:
                furnish(api)
            yield proxy, stack
    finally:
        proxy.close()


def test_killing_the_workers_child_sources_the_order_once(proxy_and_stack: tuple[CuttableProxy, Stack]) -> None:
    _, stack = proxy_and_stack
    stack.start_scheduler()
    worker = stack.start_worker()
    with stuck_in_the_middle(stack, "child-killed") as number:
        children = worker.children()
        kill_child(worker)
        wait_until(lambda: worker.children() != children, 30)
    wait_until(lambda: fulfilments(stack, number) > 0, 90)
    assert fulfilments(stack, number) == 1
    assert stack.check_invariants().endswith(" 0 violated")


def test_killing_the_whole_worker_sources_the_order_once(proxy_and_stack: tuple[CuttableProxy, Stack]) -> None:
    _, stack = proxy_and_stack
    stack.start_scheduler()
    worker = stack.start_worker()
    with stuck_in_the_middle(stack, "worker-killed") as number:
        worker.kill()
        stack.start_worker(name="second")
    wait_until(lambda: fulfilments(stack, number) > 0, 60)
    assert fulfilments(stack, number) == 1
    assert stack.check_invariants().endswith(" 0 violated")


def test_a_broker_that_is_away_slows_no_request_and_loses_no_work(
    proxy_and_stack: tuple[CuttableProxy, Stack],
) -> None:
    proxy, stack = proxy_and_stack
    stack.start_scheduler()
    stack.start_worker()
    first = place(stack, "before")
    wait_until(lambda: fulfilments(stack, first) == 1, 60)
    proxy.cut()
    numbers, slowest = [], 0.0
    with stack.api(stack.key) as api:
        api.get("/stock-levels/")  # opens the connection outside the measure
        for turn in range(5):
            started = time.monotonic()
            answer = api.post("/orders/", json=order_body(f"away-{turn}"))
            slowest = max(slowest, time.monotonic() - started)
            assert answer.status_code == 201, answer.text
            numbers.append(answer.json()["number"])
    assert slowest < 1.0
    assert [fulfilments(stack, number) for number in numbers] == [0] * 5
    proxy.mend()
    wait_until(lambda: all(fulfilments(stack, number) == 1 for number in numbers), 120)
    assert stack.check_invariants().endswith(" 0 violated")
