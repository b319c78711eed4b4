"""Which tasks hear which event: the page named by the setting SUBSCRIPTIONS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.utils.module_loading import import_string

Subscriptions = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class EventTask:
    """How one function hears events (see `oms.core.tasking.event_task`). Calling it calls the function."""

    name: str
    queue: str
    function: Callable[..., None]
    atomic: bool
    lease_s: float
    batch: int
    together: Callable[[Sequence[Mapping[str, Any]]], None] | None = None

    def __call__(self, **payload: Any) -> None:
        self.function(**payload)


class Sending(NamedTuple):
    """A delivery on its way to the task of its subscription."""

    delivery_id: int
    subscription: str


def subscriptions() -> Subscriptions:
    """Event name → dotted names of tasks."""
    page = settings.SUBSCRIPTIONS
    return cast(Subscriptions, import_string(page) if isinstance(page, str) else page)


def task_named(subscription: str) -> EventTask:
    """The task of a subscription; raises ImportError when there is none."""
    task = import_string(subscription)
    if not isinstance(task, EventTask):
        raise ImportError(f"{subscription} is not an event task.")
    return task
