"""Deliveries: one event handed to one task, its effect once.

Pending deliveries only are run. An atomic task holds its row's lock for as long as it runs and marks
it done in the same transaction; the others hold a lease. A failure is written on the row: transient
ones are tried for ever, slower and slower; others become a dead letter after `MAX_ATTEMPTS`.
"""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from enum import Enum
from typing import Any

import structlog
from celery import current_app
from django.db import InterfaceError, OperationalError, connection, transaction

from oms.core.actors import acting_as
from oms.core.errors import Retryable
from oms.core.prepared import prepared
from oms.core.retrying import RETRIES, is_conflict
from oms.core.services.heartbeats import worker_is_alive
from oms.core.services.subscribing import EventTask

MAX_ATTEMPTS = 8
# A delivery whose worker was killed again and again is probably what kills it.
MAX_CRASHES = 20
LONGEST_PAUSE_S = 300
LONGEST_ERROR = 2000

logger = structlog.get_logger(__name__)


class DeadlyDelivery(Exception):
    """Not run any more, because each time it was, its worker died."""


class Outcome(Enum):
    DONE = "done"
    FAILED = "failed"
    NOTHING_TO_DO = "nothing_to_do"


# Both take a pending delivery only, and only the task's own, and let their transaction commit without waiting
# for the disk: should the server crash in that moment, the effect and the mark are lost together, the row is
# pending again, and the sweeper has it delivered again. Waiting cost more than most tasks.
_LOCK = """
SELECT event.payload, set_config('synchronous_commit', 'off', true) FROM core_eventdelivery AS delivery
JOIN core_outboxevent AS event ON event.id = delivery.event_id
WHERE delivery.id = %s AND delivery.subscription = %s AND delivery.state = 'pending'
FOR NO KEY UPDATE OF delivery SKIP LOCKED
"""

_LEASE = """
UPDATE core_eventdelivery AS delivery
SET attempts = delivery.attempts + CASE WHEN delivery.leased_until IS NULL THEN 0 ELSE 1 END,
    leased_until = statement_timestamp() + make_interval(secs => %(lease)s),
    next_attempt_at = statement_timestamp() + make_interval(secs => %(lease)s)
FROM core_outboxevent AS event
WHERE event.id = delivery.event_id AND delivery.id = %(id)s AND delivery.subscription = %(task)s
  AND delivery.state = 'pending'
  AND (delivery.leased_until IS NULL OR delivery.leased_until < statement_timestamp())
RETURNING event.payload, delivery.leased_until, delivery.attempts, set_config('synchronous_commit', 'off', true)
"""

_IS_FREE = "SELECT 1 FROM core_eventdelivery WHERE id = %s AND state = 'pending' FOR NO KEY UPDATE SKIP LOCKED"

_DONE = """
UPDATE core_eventdelivery SET state = 'done', done_at = statement_timestamp(), leased_until = NULL
WHERE id = %s AND state = 'pending'
"""

_FAILED = """
UPDATE core_eventdelivery
SET attempts = least(attempts + %(counted)s, 32000),
    state = CASE WHEN attempts + %(counted)s >= %(most)s THEN 'dead' ELSE 'pending' END,
    next_attempt_at = statement_timestamp() + make_interval(
        secs => least(%(longest)s, power(2, least(greatest(attempts, sends), 12))) * (0.8 + 0.4 * random())
    ),
    leased_until = NULL,
    last_error = %(error)s
WHERE id = %(id)s AND state = 'pending' AND leased_until IS NOT DISTINCT FROM %(leased_until)s::timestamptz
RETURNING state
"""


def deliver_batch(*, task: EventTask, delivery_ids: Sequence[int], is_redelivered: bool = False) -> None:
    """What a worker does with one message. A message that may have killed its worker is taken with care."""
    worker_is_alive()
    if is_redelivered and len(delivery_ids) > 1:
        for delivery_id in delivery_ids:
            current_app.send_task(task.name, args=[[delivery_id]], queue=task.queue, retry=False)
        return
    for delivery_id in delivery_ids:
        if is_redelivered:
            _count_crash(task, delivery_id)
        deliver(task=task, delivery_id=delivery_id)
        worker_is_alive()


def deliver(*, task: EventTask, delivery_id: int, raising: bool = False) -> Outcome:
    """Run one delivery, if it still is to be run. A failure is recorded, and raised when asked for."""
    leased_until: list[datetime] = []
    with ExitStack() as context:
        context.enter_context(acting_as(f"task:{task.name}"))
        context.enter_context(structlog.contextvars.bound_contextvars(task=task.name, delivery=delivery_id))
        try:
            if task.atomic:
                return _deliver_atomically(task, delivery_id)
            return _deliver_leased(task, delivery_id, leased_until)
        except Exception as error:
            record_failure(delivery_id=delivery_id, error=error, leased_until=next(iter(leased_until), None))
            if raising:
                raise
            return Outcome.FAILED


def _deliver_atomically(task: EventTask, delivery_id: int) -> Outcome:
    tries = 1 if connection.in_atomic_block else 1 + RETRIES
    while True:
        tries -= 1
        try:
            with transaction.atomic():
                found = next(iter(prepared(_LOCK, [delivery_id, task.name])), None)
                if found is None:
                    return Outcome.NOTHING_TO_DO
                task.function(**json.loads(found[0]))
                prepared(_DONE, [delivery_id])
            return Outcome.DONE
        except Exception as error:
            if not tries or not is_conflict(error):
                raise


def _deliver_leased(task: EventTask, delivery_id: int, leased_until: list[datetime]) -> Outcome:
    found = next(iter(prepared(_LEASE, {"id": delivery_id, "task": task.name, "lease": task.lease_s})), None)
    if found is None:
        return Outcome.NOTHING_TO_DO
    payload, until, attempts, _ = found
    leased_until.append(until)
    if attempts >= MAX_CRASHES:
        raise DeadlyDelivery("Its worker was killed again and again.")
    task.function(**json.loads(payload))
    prepared(_DONE, [delivery_id])
    return Outcome.DONE


def record_failure(*, delivery_id: int, error: BaseException, leased_until: datetime | None = None) -> None:
    """Write the failure on the delivery and when to try again; park it as a dead letter when enough is enough."""
    is_transient = isinstance(error, Retryable | OperationalError | InterfaceError)
    if isinstance(error, OperationalError | InterfaceError):
        connection.close_if_unusable_or_obsolete()
    _fail(delivery_id, _told(error), 0 if is_transient else 1, MAX_ATTEMPTS, leased_until)
    log = logger.warning if is_transient else logger.error
    log("delivery.failed", error=_told(error), exc_info=None if is_transient else error)


def park(*, delivery_id: int, error: BaseException) -> None:
    """Make it a dead letter at once: trying again cannot help."""
    _fail(delivery_id, _told(error), 1, 1, None)
    logger.error("delivery.parked", delivery=delivery_id, error=_told(error))


def _count_crash(task: EventTask, delivery_id: int) -> None:
    """Perhaps a worker died with this delivery in hand. (A lease that ran out tells it by itself.)"""
    if task.atomic and _fetch_one(_IS_FREE, [delivery_id]):
        _fail(delivery_id, "Its worker was killed.", 1, MAX_CRASHES, None)


def _fail(delivery_id: int, error: str, counted: int, most: int, leased_until: datetime | None) -> None:
    state = _fetch_one(
        _FAILED,
        {
            "id": delivery_id,
            "error": error[:LONGEST_ERROR],
            "counted": counted,
            "most": most,
            "longest": LONGEST_PAUSE_S,
            "leased_until": leased_until,
        },
    )
    if state == ("dead",):
        logger.error("delivery.dead", delivery=delivery_id, error=error)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".replace("\0", "")


def _fetch_one(statement: str, parameters: Any) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row
