"""Events can be heard in this process, in order, without Celery."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import F

from oms.core import clock
from oms.core.events import emit, keep_events
from oms.core.models import EventDelivery, OutboxEvent
from oms.core.services.relaying import claim_events, drain_events, relay_events, resend_due
from tests.core import hearing
from tests.core.hearing import heard, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


def make(*things: int, event: str = "thing.made") -> None:
    with transaction.atomic():
        for thing in things:
            emit(event, thing=thing)


def test_events_are_heard_in_their_order_with_those_they_emit(settings):
    subscribe(settings, counted_down=["pass_on"])
    make(2, 5, event="thing.counted_down")
    assert drain_events() == 9
    assert heard() == [2, 5, 1, 4, 0, 3, 2, 1, 0]


def test_what_was_relayed_but_never_heard_is_heard_first(settings):
    subscribe(settings, made=["hear"])
    make(1)
    claim_events(limit=10)
    make(2)
    assert drain_events() == 2
    assert heard() == [1, 2]


def test_draining_stops_at_its_limit(settings):
    subscribe(settings, made=["hear"])
    make(1, 2, 3)
    assert drain_events(limit=2) == 2
    assert heard() == [1, 2]


def test_a_failure_is_raised_and_recorded(settings):
    subscribe(settings, made=["choke"])
    make(1)
    with pytest.raises(ValueError, match="cannot swallow 1"):
        drain_events()
    assert EventDelivery.objects.get().attempts == 1


def test_a_failure_may_be_left_for_later(settings):
    subscribe(settings, made=["choke"], lost=["hear"])
    make(1)
    make(2, event="thing.lost")
    assert drain_events(raising=False) == 1
    assert heard() == [2]


def test_kept_events_are_invisible_to_the_workers_beside(settings):
    subscribe(settings, made=["hear"])
    with keep_events():
        make(1, 2)
        assert relay_events() == 0
        assert resend_due() == 0
        assert heard() == []
        assert drain_events() == 2
    assert heard() == [1, 2]
    assert set(EventDelivery.objects.values_list("state", flat=True)) == {"done"}
    assert list(OutboxEvent.objects.values_list("fan_out", flat=True)) == [1, 1]


def test_kept_events_leave_those_of_others_alone(settings):
    subscribe(settings, made=["hear"])
    make(9)
    with keep_events():
        make(1)
        assert drain_events() == 1
    assert heard() == [1]


def test_kept_events_of_a_rollback_are_not_heard(settings):
    subscribe(settings, made=["hear"])
    with keep_events():
        with pytest.raises(RuntimeError), transaction.atomic():
            emit("thing.made", thing=1)
            raise RuntimeError
        make(2)
        assert drain_events() == 1
    assert heard() == [2]


def test_kept_events_of_a_dead_process_are_taken_over_by_the_sweeper(settings):
    subscribe(settings, made=["hear"])
    with keep_events():
        make(1)
    EventDelivery.objects.update(next_attempt_at=F("next_attempt_at") - timedelta(seconds=3601))
    assert resend_due() == 1


def test_tasks_run_under_the_clock_of_the_drain(settings):
    subscribe(settings, made=["hear"])
    seen = []
    hearing.inside.append(lambda: seen.append(clock.now()))
    at = datetime(2017, 5, 1, tzinfo=UTC)
    with clock.clock_at(at), keep_events():
        make(1)
        drain_events()
    assert seen == [at]
