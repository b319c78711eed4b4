"""A delivery has its effect once, whoever brings it, and however often."""

import threading

import pytest
from django.db import connection, transaction

from oms.core.actors import current_actor
from oms.core.events import emit
from oms.core.models import AuditEntry, EventDelivery
from oms.core.services.delivering import Outcome, deliver, deliver_batch
from oms.core.services.relaying import claim_events, relay_events
from tests.core import hearing
from tests.core.hearing import heard, subscribe
from tests.support.concurrently import Elsewhere, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def made(settings, *tasks: str, things: int = 1) -> list[int]:
    """Deliveries of that many events `thing.made` to the tasks, relayed and not yet heard."""
    subscribe(settings, made=list(tasks))
    with transaction.atomic():
        for thing in range(1, things + 1):
            emit("thing.made", thing=thing)
    return [sending.delivery_id for sending in claim_events(limit=1000)[1]]


def test_a_delivery_is_heard_and_done(settings):
    [delivery] = made(settings, "hear")
    assert deliver(task=hearing.hear, delivery_id=delivery) is Outcome.DONE
    row = EventDelivery.objects.get()
    assert (row.state, row.attempts, row.done_at is not None) == ("done", 0, True)
    assert heard() == [1]


def test_the_task_is_the_one_who_acts(settings):
    [delivery] = made(settings, "hear")
    deliver(task=hearing.hear, delivery_id=delivery)
    assert AuditEntry.objects.get(action="thing.heard").actor == "task:tests.core.hearing.hear"
    assert current_actor() == "system"


@pytest.mark.parametrize("task", ["hear", "hear_leased"])
def test_a_message_that_comes_twice_is_heard_once(settings, task):
    [delivery] = made(settings, task)
    deliver_batch(task=getattr(hearing, task), delivery_ids=[delivery, delivery])
    deliver_batch(task=getattr(hearing, task), delivery_ids=[delivery], is_redelivered=True)
    assert heard() == [1]


@pytest.mark.parametrize("task", ["hear", "hear_leased"])
def test_two_workers_with_the_same_message_have_one_effect(settings, task):
    """The second comes while the first is in the middle of it, on a connection of its own."""
    [delivery] = made(settings, task)
    in_the_middle, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        in_the_middle.set()
        assert go_on.wait(30)

    hearing.inside.append(pause)
    with Elsewhere(lambda: deliver(task=getattr(hearing, task), delivery_id=delivery)) as first:
        assert in_the_middle.wait(30)
        assert deliver(task=getattr(hearing, task), delivery_id=delivery) is Outcome.NOTHING_TO_DO
        go_on.set()
        assert first.result() is Outcome.DONE
    assert heard() == [1]


def test_without_the_lock_the_second_worker_would_have_its_effect_too(settings, monkeypatch):
    """The negative control of the test above."""
    from oms.core.services import delivering

    unlocked = delivering._LOCK.replace("FOR NO KEY UPDATE OF delivery SKIP LOCKED", "")
    monkeypatch.setattr(delivering, "_LOCK", unlocked)
    [delivery] = made(settings, "hear")
    in_the_middle, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        in_the_middle.set()
        assert go_on.wait(30)

    hearing.inside.append(pause)
    with Elsewhere(lambda: deliver(task=hearing.hear, delivery_id=delivery)) as first:
        assert in_the_middle.wait(30)
        assert deliver(task=hearing.hear, delivery_id=delivery) is Outcome.DONE
        go_on.set()
        first.result()
    assert heard() == [1, 1]


def test_many_workers_and_relays_at_once_hear_everything_once(settings):
    subscribe(settings, made=["hear", "hear_leased"])
    with transaction.atomic():
        for thing in range(40):
            emit("thing.made", thing=thing)

    def work() -> None:
        while claimed := claim_events(limit=7)[0]:
            assert claimed
        for delivery, subscription in EventDelivery.objects.values_list("id", "subscription"):
            deliver(task=getattr(hearing, subscription.rpartition(".")[2]), delivery_id=delivery)

    assert at_once([work] * 6) == [None] * 6
    assert sorted(heard()) == sorted(2 * list(range(40)))
    assert set(EventDelivery.objects.values_list("state", flat=True)) == {"done"}


def test_a_worker_that_died_leaves_its_lease_to_run_out(settings):
    [delivery] = made(settings, "hear_leased")
    EventDelivery.objects.update(leased_until="2999-01-01T00:00Z")
    assert deliver(task=hearing.hear_leased, delivery_id=delivery) is Outcome.NOTHING_TO_DO
    EventDelivery.objects.update(leased_until="2001-01-01T00:00Z")
    assert deliver(task=hearing.hear_leased, delivery_id=delivery) is Outcome.DONE
    assert (heard(), EventDelivery.objects.get().attempts) == ([1], 1)


def test_a_leased_task_runs_outside_any_transaction(settings):
    [delivery] = made(settings, "hear_leased")
    seen = []
    hearing.inside.append(lambda: seen.append(connection.in_atomic_block))
    # record_audit needs none; a call to a peer must not sit in one.
    deliver(task=hearing.hear_leased, delivery_id=delivery)
    assert seen == [False]


def test_a_task_is_not_given_the_delivery_of_another(settings):
    [delivery] = made(settings, "hear")
    assert deliver(task=hearing.choke, delivery_id=delivery) is Outcome.NOTHING_TO_DO
    assert EventDelivery.objects.get().state == "pending"


def test_relaying_sends_each_delivery_once(settings, monkeypatch):
    from oms.core.services import relaying

    sent = []
    monkeypatch.setattr(relaying.current_app, "send_task", lambda name, args, **options: sent.append((name, args)))
    subscribe(settings, made=["hear"])
    with transaction.atomic():
        for thing in range(45):
            emit("thing.made", thing=thing)
    relay_events()
    assert [len(args[0]) for _, args in sent] == [20, 20, 5]
    assert {name for name, _ in sent} == {"tests.core.hearing.hear"}
    assert sorted(id for _, args in sent for id in args[0]) == list(
        EventDelivery.objects.order_by("id").values_list("id", flat=True)
    )
