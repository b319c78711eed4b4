"""Deliveries: one event handed to one task, its effect once.

Pending deliveries only are run. An atomic task holds its row's lock for as long as it runs and marks
it done in the same transaction; the others hold a lease. A failure is written on the row: transient
ones are tried for ever, slower and slower; others become a dead letter after `MAX_ATTEMPTS`.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

import structlog
from celery import current_app
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext_noop

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
WITH free AS MATERIALIZED (
    SELECT id FROM core_eventdelivery
    WHERE id = ANY(%(ids)s::bigint[]) AND subscription = %(task)s AND state = 'pending'
      AND (leased_until IS NULL OR leased_until < statement_timestamp())
    ORDER BY id FOR NO KEY UPDATE
), leased AS (
    UPDATE core_eventdelivery AS delivery
    SET attempts = delivery.attempts + CASE WHEN delivery.leased_until IS NULL THEN 0 ELSE 1 END,
        leased_until = statement_timestamp() + make_interval(secs => %(lease)s),
        next_attempt_at = statement_timestamp() + make_interval(secs => %(lease)s)
    FROM core_outboxevent AS event, free
    WHERE delivery.id = free.id AND event.id = delivery.event_id
    RETURNING delivery.id, event.payload, delivery.leased_until, delivery.attempts
)
SELECT id, payload, leased_until, attempts, set_config('synchronous_commit', 'off', true) FROM leased ORDER BY id
"""

_IS_FREE = "SELECT 1 FROM core_eventdelivery WHERE id = %s AND state = 'pending' FOR NO KEY UPDATE SKIP LOCKED"

_DONE = """
UPDATE core_eventdelivery SET state = 'done', done_at = statement_timestamp(), leased_until = NULL
WHERE id = ANY(%s::bigint[]) AND state = 'pending'
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


class Lease(NamedTuple):
    """A delivery this process has for itself until then."""

    delivery_id: int
    payload: dict[str, Any]
    until: datetime
    attempts: int


def deliver_batch(*, task: EventTask, delivery_ids: Sequence[int], is_redelivered: bool = False) -> None:
    """What a worker does with one message. A message that may have killed its worker is taken with care."""
    worker_is_alive()
    if is_redelivered and len(delivery_ids) > 1:
        for delivery_id in delivery_ids:
            current_app.send_task(task.name, args=[[delivery_id]], queue=task.queue, retry=False)
        return
    if task.together is not None and len(delivery_ids) > 1:
        _deliver_together(task, task.together, delivery_ids)
        return
    for delivery_id in delivery_ids:
        if is_redelivered:
            _count_crash(task, delivery_id)
        deliver(task=task, delivery_id=delivery_id)
        worker_is_alive()


def _deliver_together(
    task: EventTask, together: Callable[[Sequence[dict[str, Any]]], None], delivery_ids: Sequence[int]
) -> None:
    """All of them in one call; one by one where that fails, so that each is told its own failure."""
    leases = _lease(task, delivery_ids)
    try:
        if any(lease.attempts >= MAX_CRASHES for lease in leases):
            raise DeadlyDelivery
        with acting_as(f"task:{task.name}"), structlog.contextvars.bound_contextvars(task=task.name):
            together([lease.payload for lease in leases])
            prepared(_DONE, [[lease.delivery_id for lease in leases]])
    except Exception as error:
        logger.info("deliveries.one_by_one", task=task.name, deliveries=len(leases), error=_told(error))
        connection.close_if_unusable_or_obsolete()
        for lease in leases:
            deliver(task=task, delivery_id=lease.delivery_id, lease=lease)
            worker_is_alive()


def deliver(*, task: EventTask, delivery_id: int, raising: bool = False, lease: Lease | None = None) -> Outcome:
    """Run one delivery, if it still is to be run. A failure is recorded, and raised when asked for.

    `lease`: the caller has leased it already.
    """
    leases = [] if lease is None else [lease]
    with ExitStack() as context:
        context.enter_context(acting_as(f"task:{task.name}"))
        context.enter_context(structlog.contextvars.bound_contextvars(task=task.name, delivery=delivery_id))
        try:
            if task.atomic:
                return _deliver_atomically(task, delivery_id)
            leases = leases or _lease(task, [delivery_id])
            return _deliver_leased(task, leases[0]) if leases else Outcome.NOTHING_TO_DO
        except Exception as error:
            leased_until = leases[0].until if leases else None
            record_failure(delivery_id=delivery_id, error=error, leased_until=leased_until)
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
                prepared(_DONE, [[delivery_id]])
            return Outcome.DONE
        except Exception as error:
            if not tries or not is_conflict(error):
                raise


def _lease(task: EventTask, delivery_ids: Sequence[int]) -> list[Lease]:
    """Those of the deliveries that are to be run and that nobody else has."""
    rows = prepared(_LEASE, {"ids": list(delivery_ids), "task": task.name, "lease": task.lease_s})
    return [Lease(pk, json.loads(payload), until, tried) for pk, payload, until, tried, _ in rows]


def _deliver_leased(task: EventTask, lease: Lease) -> Outcome:
    if lease.attempts >= MAX_CRASHES:
        raise DeadlyDelivery(gettext_noop("Its worker was killed again and again."))
    task.function(**lease.payload)
    prepared(_DONE, [[lease.delivery_id]])
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
        _fail(delivery_id, gettext_noop("Its worker was killed."), 1, MAX_CRASHES, None)


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
