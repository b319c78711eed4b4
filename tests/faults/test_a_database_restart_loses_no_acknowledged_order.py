"""Fault 7: PostgreSQL is stopped as by a power cut while orders are placed; clients retry with their keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import pytest

from tests.support.stack import Stack, order_body
from tests.support.waiting import wait_until

CLIENTS = 4
ORDERS_EACH = 15


def place_until_answered(api: httpx.Client, reference: str, placed: Event) -> tuple[str, int]:
    """The order's number, and how many tries it took."""
    pause = Event()
    for tries in range(1, 200):
        try:
            answer = api.post("/orders/", json=order_body(reference), headers={"Idempotency-Key": f"key-{reference}"})
        except httpx.HTTPError:
            pause.wait(0.1)
            continue
        if answer.status_code in (200, 201):
            placed.set()
            return str(answer.json()["number"]), tries
        # 409 is `in_progress`: the lease of the try that the restart cut short.
        assert answer.status_code >= 500 or answer.json()["code"] == "in_progress", answer.text
        pause.wait(0.5)
    raise AssertionError(f"{reference} was never answered")


@pytest.mark.timeout(600)
def test_every_acknowledged_order_exists_once(stack: Stack) -> None:
    placed = Event()

    def shop(client: int) -> dict[str, tuple[str, int]]:
        with stack.api(stack.key) as api:
            references = [f"restart-{client}-{turn}" for turn in range(ORDERS_EACH)]
            return {reference: place_until_answered(api, reference, placed) for reference in references}

    with ThreadPoolExecutor(CLIENTS) as pool:
        shops = [pool.submit(shop, client) for client in range(CLIENTS)]
        assert placed.wait(60)
        stack.postgres.restart(immediate=True)
        answered = {reference: answer for future in shops for reference, answer in future.result(timeout=240).items()}

    assert max(tries for _, tries in answered.values()) > 1, "the restart disturbed nobody, so it proved nothing"
    stored = dict(stack.query("SELECT external_reference, number FROM orders_order"))
    assert stored == {reference: number for reference, (number, _) in answered.items()}

    # What was cut off between its two transactions is finished by the sweeper, a minute later, with the
    # payment's own key; meanwhile the others are sourced.
    stack.start_worker()
    stack.start_scheduler()
    confirmed = "SELECT count(*) FROM orders_order WHERE state IN ('confirmed', 'in_progress')"
    wait_until(lambda: stack.query(confirmed) == [(CLIENTS * ORDERS_EACH,)], 240)
    assert stack.query("SELECT count(*) FROM orders_payment WHERE state = 'authorised'") == [(CLIENTS * ORDERS_EACH,)]
    assert stack.check_invariants().endswith(" 0 violated")
