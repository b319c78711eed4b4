"""Two schedulers that tick at the same moment, or one that missed its ticks, have one effect."""

import pytest
from django.db import transaction

from oms.core import tasks
from oms.core.audit import record_audits
from oms.core.events import emit
from oms.core.models import AuditEntry, AuditHead, EventDelivery, OutboxEvent
from oms.core.services.sealing import breaks_in_chain
from tests.core.hearing import subscribe
from tests.support.concurrently import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ALL = [tasks.relay_outbox, tasks.sweep_deliveries, tasks.seal_audit, tasks.record_heartbeat, tasks.purge_old_records]


@pytest.fixture
def work(settings):
    subscribe(settings, made=["hear"])
    with transaction.atomic():
        for thing in range(50):
            emit("thing.made", thing=thing)
        record_audits("thing.done", [(f"thing:{n}", None) for n in range(50)])


def test_every_task_twice_at_once_does_its_work_once(work):
    assert at_once([task for task in ALL for _ in range(2)]) == [None] * 10
    assert EventDelivery.objects.count() == 50
    assert not OutboxEvent.objects.filter(relayed_at=None).exists()
    assert AuditHead.objects.get().position == 50
    assert not AuditEntry.objects.filter(position=None).exists()
    assert list(breaks_in_chain()) == []


def test_a_late_tick_makes_up_for_those_that_were_missed(work):
    for task in ALL * 2:
        task()
    assert EventDelivery.objects.count() == 50
    assert AuditHead.objects.get().position == 50
