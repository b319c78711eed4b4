"""Telling the rest of the product that something happened: a row, written in the same transaction.

The row is relayed to the tasks that hear it once the transaction is committed, and never otherwise.
Payloads hold ids and references only, so they may be kept and read by anyone who runs the product.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from oms.core import clock
from oms.core.kicking import kick_after_commit
from oms.core.models import EventDelivery, OutboxEvent
from oms.core.queries.machine_time import within
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
    at = clock.now()
    events = [OutboxEvent(name=name, payload=dict(payload), created_at=at) for payload in payloads]
    if not events:
        return
    kept = _kept.get()
    if kept is not None:
        kept.extend(_write_kept(events))
        return
    OutboxEvent.objects.bulk_create(events)
    kick_after_commit()


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


def _write_kept(events: list[OutboxEvent]) -> list[Sending]:
    tasks = subscriptions().get(events[0].name, ())
    for event in events:
        event.relayed_at, event.fan_out = Now(), len(tasks)  # type: ignore[assignment]
    OutboxEvent.objects.bulk_create(events)
    deliveries = EventDelivery.objects.bulk_create(
        EventDelivery(event_id=event.pk, subscription=task, sends=1, next_attempt_at=within(KEPT_FOR_S))
        for event in events
        for task in tasks
    )
    return [Sending(delivery.pk, delivery.subscription) for delivery in deliveries]
