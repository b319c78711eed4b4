"""Faults 12 and 13: a double click is one transition with one answer; of two people one is told who and when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx

from tests.faults.test_killed_workers_lose_nothing import fulfilments, place
from tests.support.stack import Stack
from tests.support.waiting import wait_until


def offered_work(stack: Stack, reference: str) -> int:
    """One store offers nothing else: its fulfilment waits to be accepted."""
    with stack.api(stack.key) as api:
        for code in ("WH-1", "WH-2"):
            point = next(row for row in points(stack) if row["code"] == code)
            answer = api.put("/stock-points/", json=[{**point, "kind": "store"}])
            assert answer.json()["errors"] == [], answer.text
    stack.start_worker()
    stack.start_scheduler()
    number = place(stack, reference)
    wait_until(lambda: fulfilments(stack, number) == 1, 90)
    rows = stack.query("SELECT id, state FROM orders_fulfilment")
    assert [state for _, state in rows] == ["offered"]
    return int(rows[0][0])


def points(stack: Stack) -> list[dict[str, str]]:
    rows = stack.query("SELECT code, name, country, timezone FROM stock_stockpoint ORDER BY code")
    return [dict(zip(("code", "name", "country", "timezone"), row, strict=True)) for row in rows]


def accept_together(stack: Stack, work: int, keys: list[str]) -> list[httpx.Response]:
    together = Barrier(len(keys))

    def accept(key: str) -> httpx.Response:
        with stack.api(key) as api:
            together.wait(timeout=30)
            return api.post(f"/fulfilments/{work}/accept/")

    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(accept, keys))


def accepted_entries(stack: Stack) -> int:
    return int(stack.query("SELECT count(*) FROM orders_timelineentry WHERE event = 'fulfilment.accepted'")[0][0])


def test_a_double_click_is_one_transition_with_the_same_answer(stack: Stack) -> None:
    work = offered_work(stack, "double-click")
    first, second = accept_together(stack, work, [stack.key, stack.key])
    assert [first.status_code, second.status_code] == [200, 200]
    assert first.json() == second.json()
    assert accepted_entries(stack) == 1
    assert stack.check_invariants().endswith(" 0 violated")


def test_of_two_people_one_wins_and_the_other_is_told_who_and_when(stack: Stack) -> None:
    work = offered_work(stack, "two-people")
    other = stack.create_key("fulfilments:write", name="other")
    answers = accept_together(stack, work, [stack.key, other])
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    problem = lost.json()
    assert problem["code"] == "offer_taken"
    assert problem["data"]["claimed_by"] == won.json()["accepted_by"]
    assert problem["data"]["claimed_at"]
    assert accepted_entries(stack) == 1
    assert stack.check_invariants().endswith(" 0 violated")
