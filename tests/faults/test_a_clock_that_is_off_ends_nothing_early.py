"""Fault 16: the clock of one machine is ten minutes off. What was given until a moment is kept until then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.conftest import Shop
from tests.support.stack import Stack, order_body, running_stack
from tests.support.waiting import wait_until

OFF = "tests.faults.fast_clock"


@pytest.fixture
def closed_stack(shop: Shop) -> Iterator[Stack]:
    """Nothing runs yet: each test says on which machine the clock is off."""
    with running_stack(shop.files) as stack:
        stack.key = shop.key
        yield stack
        print(stack.logs())


def hold(stack: Stack, reference: str, lasting: timedelta) -> None:
    """Of the last unit but few, until a true moment."""
    until = (datetime.now(UTC) + lasting).isoformat()
    lines = [{"sku": "SKU-1", "quantity": 1}]
    with stack.api(stack.key) as api:
        answer = api.post(
            "/reservations/", json={"reference": reference, "channel": "web", "lines": lines, "expires_at": until}
        )
    assert answer.status_code == 201, answer.text


def lives(stack: Stack, reference: str) -> bool:
    rows = stack.query("SELECT ended_at IS NULL FROM stock_reservation WHERE owner = %s", f"hold:{reference}")
    return bool(rows[0][0])


def start_fast_machine(stack: Stack, **environment: str) -> None:
    """Worker and scheduler, ten minutes ahead of everybody."""
    stack.environment |= {"CLOCK_OFF_MINUTES": "10", **environment}
    stack.start_worker(application=OFF)
    stack.start_scheduler(application=OFF)


def test_a_worker_ten_minutes_ahead_expires_what_is_over_and_nothing_else(closed_stack: Stack) -> None:
    stack = closed_stack
    stack.start_web()
    hold(stack, "five-minutes", timedelta(minutes=5))
    hold(stack, "three-seconds", timedelta(seconds=3))
    with stack.api(stack.key) as api:
        unpaid = api.post("/orders/", json=order_body("unpaid", payments=[])).json()["number"]
    stack.query("UPDATE orders_order SET pay_by = now() + interval '5 minutes' WHERE number = %s", unpaid)
    start_fast_machine(stack)
    wait_until(lambda: not lives(stack, "three-seconds"), 60)
    hold(stack, "three-more-seconds", timedelta(seconds=3))
    wait_until(lambda: not lives(stack, "three-more-seconds"), 60)
    assert lives(stack, "five-minutes")
    assert stack.query("SELECT state FROM orders_order WHERE number = %s", unpaid) == [("pending_payment",)]
    assert stack.check_invariants().endswith(" 0 violated")


def test_by_its_own_clock_it_would_have_ended_it_early(closed_stack: Stack) -> None:
    """The negative control: it is following the database that the test above proves."""
    stack = closed_stack
    stack.start_web()
    hold(stack, "five-minutes", timedelta(minutes=5))
    start_fast_machine(stack, CLOCK_FOLLOWS_DATABASE="false")
    wait_until(lambda: not lives(stack, "five-minutes"), 60)


def test_a_web_server_ten_minutes_behind_gives_the_whole_time_to_pay(closed_stack: Stack) -> None:
    stack = closed_stack
    stack.environment["CLOCK_OFF_MINUTES"] = "-10"
    stack.start_web(OFF)
    with stack.api(stack.key) as api:
        assert api.post("/orders/", json=order_body("unpaid", payments=[])).status_code == 201
    ((seconds,),) = stack.query("SELECT extract(epoch FROM pay_by - now())::int FROM orders_order")
    assert 3590 <= seconds <= 3600
    assert stack.check_invariants().endswith(" 0 violated")
