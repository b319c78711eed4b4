"""`@event_task`: a function that hears an event, as a Celery task.

It lives in an app's `tasks.py`, takes the event's payload as keyword arguments and is named in the
subscriptions by its dotted path. What the worker receives is a list of delivery ids; the delivery's
row decides whether there is anything left to do.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from celery import Task, shared_task

from oms.core.services.delivering import deliver_batch
from oms.core.services.subscribing import EventTask

BATCH = 20
LEASE_S = 45


def event_task(
    *,
    queue: str = "default",
    atomic: bool = True,
    lease_s: float = LEASE_S,
    batch: int = BATCH,
    together: Callable[[Sequence[Mapping[str, Any]]], None] | None = None,
) -> Callable[[Callable[..., None]], EventTask]:
    """Deliver an event to the decorated function once.

    `atomic`: the function and the mark that it is done commit together, so its effect in the database
    happens exactly once. Otherwise, for what talks to a peer: a lease of `lease_s` seconds on the row
    (longer than the function ever takes) keeps others away, and since the worker may die between the
    peer's answer and the mark, the function's service must be idempotent by a key of its own.

    Raise `Retryable` when the same call may succeed later; every other error counts towards the
    dead letters. `batch`: deliveries per message, fewer where each one is slow.

    `together` takes the payloads of a whole message, within one lease, where the task is not atomic: the same
    effect at less cost. When it raises, the deliveries are run one by one, those it may have done already included.
    """

    def decorate(function: Callable[..., None]) -> EventTask:
        name = f"{function.__module__}.{function.__name__}"
        task = EventTask(name, queue, function, atomic, lease_s, batch, together)

        def run(self: Task, delivery_ids: Sequence[int]) -> None:
            deliver_batch(task=task, delivery_ids=delivery_ids, is_redelivered=was_delivered_before(self.request))

        options = {"acks_late": True, "reject_on_worker_lost": True, "ignore_result": True}
        shared_task(bind=True, name=name, **options)(run)
        return task

    return decorate


def was_delivered_before(request: Any) -> bool:
    """Whether the broker gave this message to a worker before; each broker says it in its own way."""
    if (request.delivery_info or {}).get("redelivered"):
        return True
    told = (request.properties or {}).get("delivery_info") or {}
    return bool((told.get("pgmq_message") or {}).get("read_ct", 1) > 1)
