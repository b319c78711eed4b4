"""Telling the rest of the product that something happened: a row, written in the same transaction.

The row is relayed to the tasks that hear it once the transaction is committed, and never otherwise.
Payloads hold ids and references only, so they may be kept and read by anyone who runs the product.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction

from oms.core import clock
from oms.core.encoding import to_json
from oms.core.kicking import kick_after_commit
from oms.core.prepared import prepared_cursor
from oms.core.services.subscribing import Sending, subscriptions

# Kept deliveries are left to their keeper; should it die, the relay takes them over after this.
KEPT_FOR_S = 3600

_kept: ContextVar[deque[Sending] | None] = ContextVar("oms_kept_events", default=None)


def emit(name: str, /, **payload: Any) -> None:
    """Write one event, named `noun.past_participle`. Raises outside a transaction."""
    emit_many(name, [payload])


def emit_many(name: str, payloads: Iterable[Mapping[str, Any]], /) -> None:
    """Write one event per payload, in order."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(f"The event {name} was emitted outside a transaction.")
    bodies = [to_json(dict(payload)).decode() for payload in payloads]
    if not bodies:
        return
    kept = _kept.get()
    if kept is not None:
        kept.extend(_write_kept(name, bodies))
        return
    # By hand: it stands in the hottest transactions, where the ORM's insert takes three times as long.
    _insert(name, bodies)
    kick_after_commit()


def emitting(payloads: str) -> str:
    """An INSERT for a statement that tells of what it writes itself: at `%(at)s` one event `%(event)s` for each row of
    `payloads`, a SELECT of one jsonb column.

    Not while `kept_events()`. Whoever runs the statement calls `kick_after_commit` when it told anything.
    """
    return (
        "INSERT INTO core_outboxevent (name, payload, created_at, fan_out)"  # noqa: S608 (our own fragments)
        f" SELECT %(event)s, payload, %(at)s::timestamptz, 0 FROM ({payloads}) told (payload)"
    )


def _insert(name: str, bodies: list[str]) -> None:
    at = clock.now()
    rows = ", ".join(["(%s, %s, %s, 0)"] * len(bodies))
    parameters = [value for body in bodies for value in (name, body, at)]
    with prepared_cursor() as cursor:
        cursor.execute(f"INSERT INTO core_outboxevent (name, payload, created_at, fan_out) VALUES {rows}", parameters)  # noqa: S608


@contextmanager
def keep_events() -> Iterator[None]:
    """Events emitted in the block are left to the block's own `drain_events()`, in order.

    Workers that run beside it do not touch them: a replay hears its events under its own clock.
    """
    token = _kept.set(deque())
    try:
        yield
    finally:
        _kept.reset(token)


def kept_events() -> deque[Sending] | None:
    """The deliveries waiting for the block's own `drain_events()`; None outside `keep_events`."""
    return _kept.get()


_WRITE_KEPT = """
WITH tasks AS MATERIALIZED (
    SELECT task, place FROM unnest(%(tasks)s::text[]) WITH ORDINALITY AS subscribed(task, place)
), events AS (
    INSERT INTO core_outboxevent (name, payload, created_at, relayed_at, fan_out)
    SELECT %(name)s, body, %(at)s, statement_timestamp(), (SELECT count(*) FROM tasks)
    FROM unnest(%(bodies)s::jsonb[]) WITH ORDINALITY AS given(body, place) ORDER BY place
    RETURNING id
), deliveries AS (
    INSERT INTO core_eventdelivery (event_id, subscription, sends, next_attempt_at)
    SELECT events.id, tasks.task, 1, statement_timestamp() + make_interval(secs => %(kept_for)s)
    FROM events CROSS JOIN tasks ORDER BY events.id, tasks.place
    RETURNING id, subscription
)
SELECT id, subscription FROM deliveries ORDER BY id
"""


def _write_kept(name: str, bodies: list[str]) -> list[Sending]:
    tasks = list(subscriptions().get(name, ()))
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE_KEPT,
            {"name": name, "bodies": bodies, "at": clock.now(), "tasks": tasks, "kept_for": KEPT_FOR_S},
        )
        return [Sending(*row) for row in cursor.fetchall()]
