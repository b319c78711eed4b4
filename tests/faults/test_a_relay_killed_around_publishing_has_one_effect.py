"""Fault 5: the relay is killed just before, just after, and between two sendings of the same messages."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.faults.test_killed_workers_lose_nothing import fulfilments, place
from tests.support.stack import ROOT, Stack
from tests.support.waiting import wait_until

# `send` is what publishes; the events have been marked, and their deliveries written, just before it.
RELAY = """
import os, signal
import django
django.setup()
from oms.core.services import relaying
real = relaying.send
def send(sendings):
    sendings = list(sendings)
    assert sendings, "there was nothing to relay"
    for _ in range({times}):
        real(sendings)
    os.kill(os.getpid(), signal.SIGKILL)
relaying.send = send
relaying.relay_events()
"""


def relay_and_die(stack: Stack, *, times: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RELAY.format(times=times)], check=False, cwd=ROOT, env=stack.environment, timeout=60
    )
    assert done.returncode == -9


@pytest.mark.parametrize("times", [0, 1, 2], ids=["before", "after", "twice"])
def test_the_order_is_sourced_once(stack: Stack, times: int) -> None:
    number = place(stack, f"relay-killed-{times}")
    relay_and_die(stack, times=times)
    stack.start_worker()
    stack.start_scheduler()
    wait_until(lambda: fulfilments(stack, number) > 0, 90)
    wait_until(lambda: not stack.query("SELECT 1 FROM core_eventdelivery WHERE state = 'pending'"), 60)
    assert fulfilments(stack, number) == 1
    assert stack.query(
        "SELECT count(*) FROM core_eventdelivery d JOIN core_outboxevent e ON e.id = d.event_id "
        "WHERE e.name = 'order.placed' AND d.subscription = 'orders.tasks.source_order'"
    ) == [(1,)]
    assert stack.check_invariants().endswith(" 0 violated")
