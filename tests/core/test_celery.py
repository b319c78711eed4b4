"""The tasks as a worker of Celery runs them: a real worker, a real broker in memory."""

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from django.db import transaction

from oms.core import kicking, tasks
from oms.core.events import emit
from oms.core.models import AuditEntry, EventDelivery
from oms.core.tasking import was_delivered_before
from tests.core.hearing import heard, subscribe
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_products_own_application_is_the_current_one():
    assert current_app.main == "oms"
    assert tasks.relay_outbox.app.main == "oms"


def test_an_event_goes_all_the_way_through_a_worker(settings):
    subscribe(settings, made=["hear", "hear_leased"])
    settings.OUTBOX_KICKS = True
    with start_worker(current_app, pool="solo", perform_ping_check=False, queues=["default", "sourcing", "labels"]):
        with transaction.atomic():
            emit("thing.made", thing=1)
        wait_until(lambda: EventDelivery.objects.filter(state="done").count() == 2, 20)
    assert heard() == [1, 1]
    assert set(AuditEntry.objects.values_list("actor", flat=True)) == {
        "task:tests.core.hearing.hear",
        "task:tests.core.hearing.hear_leased",
    }


def test_a_task_is_acknowledged_when_it_is_done_and_comes_back_when_its_worker_dies():
    task = current_app.tasks["tests.core.hearing.hear"]
    assert (task.acks_late, task.reject_on_worker_lost, task.ignore_result) == (True, True, True)


def test_the_schedule_names_tasks_that_exist():
    for entry in current_app.conf.beat_schedule.values():
        if entry["task"].startswith("oms.core."):
            assert entry["task"] in current_app.tasks
    assert kicking.RELAY_TASK in current_app.tasks


class Request:
    def __init__(self, delivery_info=None, properties=None):
        self.delivery_info, self.properties = delivery_info, properties


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (Request(), False),
        (Request({"redelivered": False}, {}), False),
        (Request({"redelivered": True}), True),
        (Request({}, {"delivery_info": {"pgmq_message": {"read_ct": 1}}}), False),
        (Request({}, {"delivery_info": {"pgmq_message": {"read_ct": 2}}}), True),
    ],
)
def test_each_brokers_way_to_tell_a_redelivery_is_understood(request_, expected):
    assert was_delivered_before(request_) is expected
