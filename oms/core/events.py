"""Telling the rest of the product that something happened: a row, written in the same transaction.

The row is relayed to the tasks that hear it once the transaction is committed, and never otherwise.
Payloads hold ids and references only, so they may be kept and read by anyone who runs the product.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from oms.core import clock
from oms.core.kicking import kick_after_commit
from oms.core.models import OutboxEvent


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
    OutboxEvent.objects.bulk_create(events)
    kick_after_commit()
