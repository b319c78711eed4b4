"""The relay is woken after a commit, and no broker in the world can slow that commit down."""

import threading
import time

import pytest
from django.db import transaction

from oms.core import kicking
from oms.core.events import emit
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kicks(settings, monkeypatch):
    settings.OUTBOX_KICKS = True
    found = []
    monkeypatch.setattr(kicking.kicker, "wake", lambda: found.append(1))
    return found


def test_a_transaction_kicks_once_however_many_events_it_emits(kicks):
    with transaction.atomic():
        emit("thing.made", thing=1)
        emit("thing.made", thing=2)
        with transaction.atomic():
            emit("thing.made", thing=3)
        assert kicks == []
    assert kicks == [1]


def test_a_rollback_does_not_kick(kicks):
    with pytest.raises(RuntimeError), transaction.atomic():
        emit("thing.made", thing=1)
        raise RuntimeError
    assert kicks == []


def test_an_event_after_a_rolled_back_savepoint_still_kicks(kicks):
    with transaction.atomic():
        with pytest.raises(RuntimeError), transaction.atomic():
            emit("thing.made", thing=1)
            raise RuntimeError
        emit("thing.made", thing=2)
    assert kicks == [1]


def test_a_broker_that_hangs_does_not_slow_the_commit(settings, monkeypatch):
    settings.OUTBOX_KICKS = True
    hanging, release = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        release.wait(30)

    monkeypatch.setattr(kicking, "kicker", kicking.Kicker(hang))
    began = time.monotonic()
    for _ in range(20):
        with transaction.atomic():
            emit("thing.made", thing=1)
    took_s = time.monotonic() - began
    assert hanging.wait(10)
    release.set()
    assert took_s < 1


def test_many_wishes_are_one_kick_and_a_later_wish_is_another():
    sent = []
    kicker = kicking.Kicker(lambda: sent.append(1))
    for _ in range(100):
        kicker.wake()
    wait_until(lambda: len(sent) >= 1, 10)
    assert len(sent) <= 3
    before = len(sent)
    kicker.wake()
    wait_until(lambda: len(sent) > before, 10)


def test_after_a_failure_the_broker_is_left_alone_for_a_while():
    tries = []

    def fail() -> None:
        tries.append(1)
        raise ConnectionError("down")

    kicker = kicking.Kicker(fail)
    kicker.wake()
    wait_until(lambda: len(tries) == 1, 10)
    kicker.wake()
    threading.Event().wait(0.3)
    assert len(tries) == 1
