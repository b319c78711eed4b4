"""The relay: from rows of events to messages for tasks.

1. One statement claims a batch of events, marks them relayed and writes one delivery per subscription.
2. After its commit the deliveries are sent, a batch of ids a message.
3. A delivery not done by its `next_attempt_at` is sent again: a message the broker lost, a relay killed
   between 1 and 2, a failure whose back-off is over.

Nothing here is exact about messages (a delivery may be sent twice); `delivering` makes the effect
happen once. Any number of relays may run at the same time.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence

import structlog
from celery import current_app
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from oms.core.events import kept_events
from oms.core.models import EventDelivery
from oms.core.services.delivering import Outcome, deliver, park
from oms.core.services.subscribing import Sending, subscriptions, task_named

EVENTS_AT_ONCE = 1000
# How long a message may take before the delivery is sent again; doubled with every send, five times at most.
RESEND_AFTER_S = 30
RESEND_AFTER_FAILURE_S = 5

logger = structlog.get_logger(__name__)


_CLAIM_EVENTS = """
WITH subscribed AS MATERIALIZED (
    SELECT * FROM unnest(%(events)s::text[], %(tasks)s::text[]) AS pair(event, task)
), batch AS MATERIALIZED (
    SELECT id, name FROM core_outboxevent WHERE relayed_at IS NULL
    ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
), marked AS (
    UPDATE core_outboxevent AS event
    SET relayed_at = statement_timestamp(),
        fan_out = (SELECT count(*) FROM subscribed WHERE subscribed.event = batch.name)
    FROM batch WHERE event.id = batch.id
), made AS (
    INSERT INTO core_eventdelivery (event_id, subscription, sends, next_attempt_at)
    SELECT batch.id, subscribed.task, 1, statement_timestamp() + make_interval(secs => %(resend_after)s)
    FROM batch JOIN subscribed ON subscribed.event = batch.name
    ORDER BY batch.id
    ON CONFLICT (event_id, subscription) DO NOTHING
    RETURNING id, subscription
)
SELECT (SELECT count(*) FROM batch), made.id, made.subscription
FROM (SELECT 1) AS always LEFT JOIN made ON true ORDER BY made.id
"""

_CLAIM_DUE = """
WITH due AS MATERIALIZED (
    SELECT id FROM core_eventdelivery
    WHERE state = 'pending' AND next_attempt_at <= statement_timestamp()
    ORDER BY next_attempt_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE core_eventdelivery AS delivery
SET sends = least(delivery.sends + 1, 32000),
    next_attempt_at = statement_timestamp()
        + make_interval(secs => %(resend_after)s * power(2, least(delivery.sends, 5)))
FROM due WHERE delivery.id = due.id
RETURNING delivery.id, delivery.subscription
"""

_SEND_AGAIN_SOON = """
UPDATE core_eventdelivery SET next_attempt_at = statement_timestamp() + make_interval(secs => %s)
WHERE id = ANY(%s) AND state = 'pending'
"""


def relay_events(*, limit: int = EVENTS_AT_ONCE) -> int:
    """Relay up to `limit` waiting events; how many there were."""
    claimed, sendings = claim_events(limit=limit)
    send(sendings)
    return claimed


def resend_due(*, limit: int = EVENTS_AT_ONCE) -> int:
    """Send up to `limit` deliveries whose time has come; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_DUE, {"limit": limit, "resend_after": RESEND_AFTER_S})
        due = [Sending(*row) for row in cursor.fetchall()]
    send(due)
    return len(due)


def claim_events(*, limit: int) -> tuple[int, list[Sending]]:
    """Mark up to `limit` waiting events as relayed: how many, and the deliveries that are now to be sent."""
    pairs = [(event, task) for event, tasks in subscriptions().items() for task in tasks]
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM_EVENTS,
            {
                "events": [event for event, _ in pairs],
                "tasks": [task for _, task in pairs],
                "limit": limit,
                "resend_after": RESEND_AFTER_S,
            },
        )
        rows = cursor.fetchall()
    return rows[0][0], [Sending(id, task) for _, id, task in rows if id is not None]


def drain_events(*, limit: int | None = None, raising: bool = True) -> int:
    """Hear events in this process, in order, without Celery, those they emit in turn included; how many were heard.

    Inside `keep_events` these are the block's own events, otherwise everything that waits. A failure is
    recorded as a worker would, and raised unless `raising` is off. At most `limit` deliveries are run.
    """
    kept = kept_events()
    queue = _waiting() if kept is None else kept
    heard = 0
    while (limit is None or heard < limit) and (queue or (kept is None and _fill(queue))):
        sending = queue.popleft()
        task = task_named(sending.subscription)
        heard += deliver(task=task, delivery_id=sending.delivery_id, raising=raising) is Outcome.DONE
    return heard


def _waiting() -> deque[Sending]:
    """The deliveries nobody works on, oldest first."""
    free = Q(leased_until=None) | Q(leased_until__lt=Now())
    rows = EventDelivery.objects.pending().filter(free).values_list("id", "subscription")
    return deque(Sending(*row) for row in sorted(rows))


def _fill(queue: deque[Sending]) -> bool:
    """Add the deliveries of events not yet relayed; whether there were any events."""
    while not queue:
        claimed, sendings = claim_events(limit=EVENTS_AT_ONCE)
        queue.extend(sendings)
        if not claimed:
            break
    return bool(queue)


def send(sendings: Iterable[Sending]) -> None:
    """Send messages. What the broker does not take is tried again in a few seconds."""
    waiting: dict[str, list[int]] = defaultdict(list)
    for sending in sendings:
        waiting[sending.subscription].append(sending.delivery_id)
    if not waiting:
        return
    try:
        with current_app.producer_or_acquire() as producer:
            for subscription in list(waiting):
                _send_all(subscription, waiting[subscription], producer)
                del waiting[subscription]
    except Exception as error:
        unsent = [id for ids in waiting.values() for id in ids]
        logger.warning("outbox.broker_refused", deliveries=len(unsent), error=str(error))
        with connection.cursor() as cursor:
            cursor.execute(_SEND_AGAIN_SOON, [RESEND_AFTER_FAILURE_S, unsent])


def _send_all(subscription: str, delivery_ids: Sequence[int], producer: object) -> None:
    try:
        task = task_named(subscription)
    except ImportError as error:
        for delivery_id in delivery_ids:
            park(delivery_id=delivery_id, error=error)
        return
    for ids in _batches(delivery_ids, task.batch):
        current_app.send_task(task.name, args=[ids], queue=task.queue, producer=producer, retry=False)


def _batches(ids: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])
