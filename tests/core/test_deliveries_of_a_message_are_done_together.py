"""A task that can take a whole message does so in one lease; where that fails, each is told its own failure."""

from __future__ import annotations

from typing import Any

import pytest

from oms.core.models import EventDelivery
from oms.core.services.delivering import MAX_CRASHES, deliver_batch
from tests.core import hearing
from tests.core.hearing import heard
from tests.core.test_deliveries import made

pytestmark = pytest.mark.django_db(transaction=True)


def states() -> list[tuple[str, int, bool]]:
    rows = EventDelivery.objects.order_by("pk").values_list("state", "attempts", "leased_until")
    return [(state, attempts, leased_until is None) for state, attempts, leased_until in rows]


def test_a_message_is_heard_in_one_call(settings: Any) -> None:
    ids = made(settings, "hear_together", things=3)
    deliver_batch(task=hearing.hear_together, delivery_ids=ids)
    assert heard() == [100, 200, 300]
    assert states() == [("done", 0, True)] * 3


def test_a_message_of_one_is_heard_as_ever(settings: Any) -> None:
    ids = made(settings, "hear_together", things=1)
    deliver_batch(task=hearing.hear_together, delivery_ids=ids)
    assert heard() == [1]


def test_what_was_done_already_is_left_out(settings: Any) -> None:
    ids = made(settings, "hear_together", things=3)
    deliver_batch(task=hearing.hear_together, delivery_ids=ids[:1])
    deliver_batch(task=hearing.hear_together, delivery_ids=ids)
    assert heard() == [1, 200, 300]


def test_where_all_at_once_fails_each_is_run_alone(settings: Any) -> None:
    ids = made(settings, "hear_together", things=14)
    deliver_batch(task=hearing.hear_together, delivery_ids=ids[11:])
    assert heard() == [1200, 12, 14]
    assert states()[11:] == [("done", 0, True), ("pending", 1, True), ("done", 0, True)]


def test_one_that_killed_its_worker_too_often_stops_nobody(settings: Any) -> None:
    ids = made(settings, "hear_together", things=3)
    EventDelivery.objects.filter(pk=ids[1]).update(attempts=MAX_CRASHES)
    deliver_batch(task=hearing.hear_together, delivery_ids=ids)
    assert heard() == [1, 3]
    assert [state for state, _, _ in states()] == ["done", "dead", "done"]
