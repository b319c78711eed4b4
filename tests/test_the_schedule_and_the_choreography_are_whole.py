"""Every scheduled entry names a task, every subscription an event task, and every event that is heard is emitted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oms.celery import QUEUES, app
from oms.core.services.subscribing import task_named
from oms.subscriptions import SUBSCRIPTIONS

ROOT = Path(__file__).resolve().parents[1]
# A return's steps are told by one function that notes and emits them.
# Where the event of a statement is chosen by a function, the function returns its name.
EMITTED = re.compile(r'(?:emit(?:_many)?\(\s*|tell\(returned, |return )"([a-z_]+\.[a-z_]+)"')


@pytest.fixture(autouse=True)
def _tasks_are_loaded() -> None:
    app.loader.import_default_modules()


@pytest.mark.parametrize("entry", sorted(app.conf.beat_schedule))
def test_a_scheduled_entry_names_a_task_and_a_queue(entry: str) -> None:
    scheduled = app.conf.beat_schedule[entry]
    assert scheduled["task"] in app.tasks
    assert scheduled["options"]["queue"] in QUEUES


@pytest.mark.parametrize("event", sorted(SUBSCRIPTIONS))
def test_a_subscription_names_event_tasks_on_known_queues(event: str) -> None:
    for name in SUBSCRIPTIONS[event]:
        assert task_named(name).queue in QUEUES


def test_every_event_that_is_heard_is_emitted_somewhere() -> None:
    sources = [path for room in ("oms", "stock", "orders", "returns") for path in (ROOT / room).rglob("*.py")]
    emitted = {name for path in sources for name in EMITTED.findall(path.read_text())}
    assert sorted(set(SUBSCRIPTIONS) - emitted) == []
