"""A poison message is parked where it can be seen and replayed; the queue goes on."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from oms.core.events import emit
from oms.core.models import AuditEntry, EventDelivery
from oms.core.queries.machine_time import within
from oms.core.services.dead_letters import replay_dead_letters
from oms.core.services.delivering import MAX_ATTEMPTS, MAX_CRASHES, Outcome, deliver, deliver_batch
from oms.core.services.relaying import claim_events, drain_events
from tests.core import hearing
from tests.core.hearing import heard, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


def made(settings, task: str, things: int = 1) -> list[int]:
    subscribe(settings, made=[task])
    with transaction.atomic():
        for thing in range(things):
            emit("thing.made", thing=thing)
    return [sending.delivery_id for sending in claim_events(limit=1000)[1]]


def test_a_failure_is_recorded_and_its_effects_are_not(settings):
    [delivery] = made(settings, "choke")
    assert deliver(task=hearing.choke, delivery_id=delivery) is Outcome.FAILED
    row = EventDelivery.objects.get()
    assert (row.state, row.attempts, row.last_error) == ("pending", 1, "ValueError: cannot swallow 0")
    assert heard() == []


def test_a_poison_message_is_dead_after_its_last_attempt(settings):
    [delivery] = made(settings, "choke")
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert EventDelivery.objects.get().state == "pending"
        deliver(task=hearing.choke, delivery_id=delivery)
        assert EventDelivery.objects.get().attempts == attempt
    assert EventDelivery.objects.get().state == "dead"
    assert deliver(task=hearing.choke, delivery_id=delivery) is Outcome.NOTHING_TO_DO


def test_the_others_of_its_message_are_heard(settings):
    def choke() -> None:
        raise ValueError("this one is poison")

    ids = made(settings, "hear", things=3)
    hearing.inside.extend([lambda: None, choke, lambda: None])
    deliver_batch(task=hearing.hear, delivery_ids=ids)
    assert heard() == [0, 2]
    states = EventDelivery.objects.order_by("id").values_list("state", "attempts")
    assert list(states) == [("done", 0), ("pending", 1), ("done", 0)]


def test_pauses_grow_with_each_attempt(settings):
    [delivery] = made(settings, "choke")
    for shortest in (0.7, 1.5, 3, 6):
        deliver(task=hearing.choke, delivery_id=delivery)
        EventDelivery.objects.update(sends=EventDelivery.objects.get().sends + 1)
        assert EventDelivery.objects.filter(next_attempt_at__gt=within(shortest)).exists()


def test_a_passing_trouble_is_tried_for_ever(settings):
    [delivery] = made(settings, "wait_for_peer")
    for _ in range(MAX_ATTEMPTS + 2):
        assert deliver(task=hearing.wait_for_peer, delivery_id=delivery) is Outcome.FAILED
    row = EventDelivery.objects.get()
    assert (row.state, row.attempts, row.last_error) == ("pending", 0, "Retryable: the peer is down")


def test_a_leased_task_that_failed_may_be_tried_again_before_its_lease_ends(settings):
    def fail() -> None:
        raise ValueError("no")

    [delivery] = made(settings, "hear_leased")
    hearing.inside.append(fail)
    assert deliver(task=hearing.hear_leased, delivery_id=delivery) is Outcome.FAILED
    assert deliver(task=hearing.hear_leased, delivery_id=delivery) is Outcome.DONE


def test_a_message_that_keeps_killing_its_worker_is_parked_in_the_end(settings):
    """The worker dies without a word; all that is seen is the broker bringing the message again."""

    def die() -> None:
        raise SystemExit("killed")

    [delivery] = made(settings, "hear")
    for crash in range(1, MAX_CRASHES):
        hearing.inside.append(die)
        with pytest.raises(SystemExit):
            deliver_batch(task=hearing.hear, delivery_ids=[delivery], is_redelivered=True)
        assert EventDelivery.objects.get().attempts == crash
    deliver_batch(task=hearing.hear, delivery_ids=[delivery], is_redelivered=True)
    row = EventDelivery.objects.get()
    assert (row.state, row.attempts, row.last_error) == ("dead", MAX_CRASHES, "Its worker was killed.")
    assert heard() == []


def test_a_leased_message_that_keeps_killing_its_worker_is_not_run_for_ever(settings):
    [delivery] = made(settings, "hear_leased")
    EventDelivery.objects.update(leased_until="2001-01-01T00:00Z", attempts=MAX_CRASHES - 1)
    assert deliver(task=hearing.hear_leased, delivery_id=delivery) is Outcome.FAILED
    row = EventDelivery.objects.get()
    assert (row.state, row.last_error) == ("dead", "DeadlyDelivery: Its worker was killed again and again.")
    assert heard() == []


def test_a_redelivered_batch_is_split_so_that_one_poison_spares_the_others(settings, monkeypatch):
    from oms.core.services import delivering

    sent = []
    monkeypatch.setattr(delivering.current_app, "send_task", lambda name, args, **options: sent.append(args))
    ids = made(settings, "hear", things=3)
    deliver_batch(task=hearing.hear, delivery_ids=ids, is_redelivered=True)
    assert sent == [[[id]] for id in ids]
    assert heard() == []


def test_a_replayed_dead_letter_starts_afresh(settings):
    [delivery] = made(settings, "choke")
    for _ in range(MAX_ATTEMPTS):
        deliver(task=hearing.choke, delivery_id=delivery)
    assert replay_dead_letters(deliveries=EventDelivery.objects.all()) == 1
    EventDelivery.objects.update(subscription="tests.core.hearing.hear")
    assert drain_events() == 1
    assert heard() == [0]
    assert AuditEntry.objects.get(action="dead_letters.replayed").changes == {"deliveries": 1}


def test_replaying_touches_dead_letters_alone(settings):
    made(settings, "hear")
    drain_events()
    assert replay_dead_letters(deliveries=EventDelivery.objects.all()) == 0
    assert EventDelivery.objects.get().state == "done"


def test_the_command_replays_those_of_one_task(settings):
    made(settings, "choke")
    EventDelivery.objects.update(state="dead")
    out = StringIO()
    call_command("replay_dead_letters", "--subscription", "tests.core.hearing.hear", stdout=out)
    assert EventDelivery.objects.get().state == "dead"
    call_command("replay_dead_letters", "--subscription", "tests.core.hearing.choke", stdout=out)
    assert EventDelivery.objects.get().state == "pending"
    assert out.getvalue() == "0 replayed\n1 replayed\n"
