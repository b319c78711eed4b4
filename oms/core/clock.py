"""The time of the business: the one clock product code reads.

A replay or a test sets it for its own context; everything else sees the real time. Leases, back-off
and heartbeats belong to the machinery, not to the business: they use the database's clock instead,
so that neither a replay nor a server whose clock is off can expire them early.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta


class SetClock:
    """A clock that stands still until it is moved; what `set_clock` yields."""

    def __init__(self, at: datetime) -> None:
        self.at = _aware(at)

    def move_to(self, at: datetime) -> None:
        self.at = _aware(at)

    def advance(self, by: timedelta) -> None:
        self.at += by


_set_clock: ContextVar[SetClock | None] = ContextVar("oms_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    clock = _set_clock.get()
    return datetime.now(UTC) if clock is None else clock.at


@contextmanager
def set_clock(at: datetime) -> Iterator[SetClock]:
    """Within the block it is `at`, until the yielded clock is moved."""
    clock = SetClock(at)
    token = _set_clock.set(clock)
    try:
        yield clock
    finally:
        _set_clock.reset(token)


@contextmanager
def clock_at(at: datetime) -> Iterator[datetime]:
    """Within the block it is `at`, for good."""
    with set_clock(at) as clock:
        yield clock.at


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"A clock needs a time with its zone, not {at.isoformat()}.")
    return at.astimezone(UTC)
