"""What a broker, or a relay, loses on the way is sent again."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F

from oms.core.events import emit
from oms.core.models import EventDelivery, OutboxEvent
from oms.core.services import relaying
from oms.core.services.delivering import deliver_batch
from tests.core import hearing
from tests.core.hearing import heard, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broker(monkeypatch):
    """A broker one can look into, and break."""

    class Broker:
        messages: list[tuple[str, list[int]]] = []
        is_down = False

        def send_task(self, name, args, **options):
            if self.is_down:
                raise ConnectionError("the broker is down")
            self.messages.append((name, args[0]))

        def hand_over(self):
            while self.messages:
                name, ids = self.messages.pop(0)
                deliver_batch(task=getattr(hearing, name.rpartition(".")[2]), delivery_ids=ids)

    broker = Broker()
    broker.messages = []
    monkeypatch.setattr(relaying.current_app, "send_task", broker.send_task)
    return broker


def make(settings, things: int = 1) -> None:
    subscribe(settings, made=["hear"])
    with transaction.atomic():
        for thing in range(things):
            emit("thing.made", thing=thing)


def wait_s(seconds: int) -> None:
    """Let that much of the machinery's time pass."""
    EventDelivery.objects.update(next_attempt_at=F("next_attempt_at") - timedelta(seconds=seconds))


def test_a_relay_that_dies_before_it_sends_leaves_the_sending_to_the_sweeper(settings, broker, monkeypatch):
    make(settings)

    def die(sendings):
        raise SystemExit("killed")

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(relaying, "send", die)
        relaying.relay_events()
    assert broker.messages == []
    assert relaying.resend_due() == 0
    wait_s(31)
    assert relaying.resend_due() == 1
    broker.hand_over()
    assert heard() == [0]


def test_a_relay_that_dies_after_it_sent_has_the_event_heard_once(settings, broker, monkeypatch):
    """Sent, but the sender does not know: it is sent again, and the row tells that it was done."""
    make(settings)
    relaying.relay_events()
    wait_s(31)
    relaying.resend_due()
    assert len(broker.messages) == 2
    broker.hand_over()
    assert heard() == [0]


def test_a_message_the_broker_lost_is_sent_again_ever_later(settings, broker):
    make(settings)
    relaying.relay_events()
    pauses = []
    for _ in range(3):
        broker.messages.clear()
        before = EventDelivery.objects.get().next_attempt_at
        wait_s(int(1e6))
        assert relaying.resend_due() == 1
        assert relaying.resend_due() == 0
        row = EventDelivery.objects.get()
        pauses.append(row.sends)
        assert row.next_attempt_at > before
    assert pauses == [2, 3, 4]
    broker.hand_over()
    assert heard() == [0]


def test_while_the_broker_is_down_events_wait_and_then_all_are_heard(settings, broker):
    make(settings, things=45)
    broker.is_down = True
    relaying.relay_events()
    assert broker.messages == []
    assert EventDelivery.objects.pending().count() == 45
    broker.is_down = False
    wait_s(6)
    assert relaying.resend_due() == 45
    broker.hand_over()
    assert sorted(heard()) == list(range(45))


def test_a_subscription_without_its_task_is_parked_and_the_others_go_on(settings, broker):
    settings.SUBSCRIPTIONS = {"thing.made": ["tests.core.hearing.gone", "tests.core.hearing.hear"]}
    with transaction.atomic():
        emit("thing.made", thing=3)
    relaying.relay_events()
    broker.hand_over()
    assert heard() == [3]
    parked = EventDelivery.objects.get(state="dead")
    assert parked.subscription == "tests.core.hearing.gone"
    assert "gone" in parked.last_error
    assert OutboxEvent.objects.get().fan_out == 2
