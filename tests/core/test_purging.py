"""Old records of the machinery are forgotten; what somebody may still need is not."""

import pytest
from django.db import connection, transaction

from oms.core.events import emit
from oms.core.models import EventDelivery, IdempotencyRecord, LoginFailure, OutboxEvent, TaskSlot
from oms.core.services import purging
from oms.core.services.idempotency import claim_key
from oms.core.services.relaying import drain_events
from oms.core.services.slots import claim_slot
from tests.core.hearing import subscribe
from tests.support.api import make_client

pytestmark = pytest.mark.django_db

AGE_ALL = """
UPDATE core_outboxevent SET relayed_at = relayed_at - interval '{days} days';
UPDATE core_idempotencyrecord SET created_at = created_at - interval '{days} days';
UPDATE core_loginfailure SET at = at - interval '{days} days';
UPDATE core_taskslot SET claimed_at = claimed_at - interval '{days} days';
"""


@pytest.fixture
def records(settings):
    subscribe(settings, made=["hear"], lost=["choke"])
    with transaction.atomic():
        emit("thing.made", thing=1)
        emit("thing.lost", thing=2)
    drain_events(raising=False)
    client, _ = make_client()
    claim_key(client=client, key="k1", request_hash="0" * 64)
    LoginFailure.objects.create(username="marie", address="10.0.0.1")
    claim_slot(name="report", slot="2026-03-02")


def age(days: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(AGE_ALL.format(days=days), None)


def left() -> list[int]:
    return [model.objects.count() for model in (OutboxEvent, IdempotencyRecord, LoginFailure, TaskSlot)]


def test_fresh_records_stay(records):
    assert purging.purge_old_records() == {
        "events": 0,
        "persons_actions": 0,
        "answers": 0,
        "login_failures": 0,
        "slots": 0,
    }
    assert left() == [2, 1, 1, 1]


def test_old_records_go_each_after_its_time(records):
    age(8)
    assert purging.purge_old_records() == {
        "events": 0,
        "persons_actions": 0,
        "answers": 1,
        "login_failures": 1,
        "slots": 0,
    }
    age(400)
    assert purging.purge_old_records() == {
        "events": 1,
        "persons_actions": 0,
        "answers": 0,
        "login_failures": 0,
        "slots": 1,
    }
    assert left() == [1, 0, 0, 0]


def test_an_event_that_was_not_heard_stays_for_ever(records):
    age(10_000)
    purging.purge_old_records()
    [delivery] = EventDelivery.objects.select_related("event")
    assert (delivery.event.name, delivery.state) == ("thing.lost", "pending")


def test_events_are_forgotten_in_batches(records, monkeypatch):
    monkeypatch.setattr(purging, "ROWS_AT_ONCE", 1)
    EventDelivery.objects.filter(state="pending").delete()
    OutboxEvent.objects.update(fan_out=1)
    age(31)
    assert purging.purge_old_records()["events"] == 2
