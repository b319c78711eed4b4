"""An event is told exactly when its transaction is committed."""

import pytest
from django.db import transaction

from oms.core.events import emit, emit_many
from oms.core.models import EventDelivery, OutboxEvent
from oms.core.services.relaying import drain_events, relay_events
from tests.core.hearing import heard, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rollback_after_emit_leaves_no_event(settings):
    subscribe(settings, made=["hear"])
    with pytest.raises(RuntimeError), transaction.atomic():
        emit("thing.made", thing=1)
        raise RuntimeError("something else went wrong")
    assert OutboxEvent.objects.count() == 0
    assert drain_events() == 0
    assert heard() == []


def test_a_rolled_back_savepoint_takes_its_event_with_it(settings):
    subscribe(settings, made=["hear"])
    with transaction.atomic():
        emit("thing.made", thing=1)
        with pytest.raises(RuntimeError), transaction.atomic():
            emit("thing.made", thing=2)
            raise RuntimeError("only this part went wrong")
    assert drain_events() == 1
    assert heard() == [1]


def test_emitting_outside_a_transaction_is_refused():
    with pytest.raises(transaction.TransactionManagementError, match=r"thing\.made was emitted outside"):
        emit("thing.made", thing=1)
    assert OutboxEvent.objects.count() == 0


def test_the_relay_writes_one_delivery_for_each_task_that_hears_the_event(settings):
    subscribe(settings, made=["hear", "hear_leased"], lost=["choke"])
    with transaction.atomic():
        emit_many("thing.made", [{"thing": 1}, {"thing": 2}])
    assert relay_events() == 2
    found = EventDelivery.objects.order_by("event_id", "subscription").values_list(
        "event__payload", "subscription", "state"
    )
    assert list(found) == [
        ({"thing": 1}, "tests.core.hearing.hear", "pending"),
        ({"thing": 1}, "tests.core.hearing.hear_leased", "pending"),
        ({"thing": 2}, "tests.core.hearing.hear", "pending"),
        ({"thing": 2}, "tests.core.hearing.hear_leased", "pending"),
    ]
    assert list(OutboxEvent.objects.values_list("fan_out", flat=True)) == [2, 2]
    assert not OutboxEvent.objects.filter(relayed_at=None).exists()


def test_the_relay_takes_each_event_once(settings):
    subscribe(settings, made=["hear"])
    with transaction.atomic():
        emit("thing.made", thing=1)
    assert relay_events() == 1
    assert relay_events() == 0
    assert EventDelivery.objects.count() == 1


def test_an_event_nobody_hears_is_relayed_to_nobody(settings):
    subscribe(settings, made=["hear"])
    with transaction.atomic():
        emit("thing.ignored", thing=1)
    assert relay_events() == 1
    event = OutboxEvent.objects.get()
    assert (event.fan_out, event.relayed_at is not None) == (0, True)
    assert EventDelivery.objects.count() == 0
