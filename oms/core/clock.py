"""The time of the business: the one clock product code reads.

A replay or a test sets it for its own context; everything else sees the real time. Which time that is the
database says: machines whose clocks are off (by more than `TOLERATED`) read theirs as the database's, so that a
deadline set on one machine ends no earlier on another. Leases, back-off and heartbeats belong to the machinery,
not to the business: they ask the database itself, so that no replay can expire them early.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Final

# Closer than that machines agree anyway.
TOLERATED: Final = timedelta(seconds=2)


class SetClock:
    """A clock that stands still until it is moved; what `set_clock` yields."""

    def __init__(self, at: datetime) -> None:
        self.at = _aware(at)

    def move_to(self, at: datetime) -> None:
        self.at = _aware(at)

    def advance(self, by: timedelta) -> None:
        self.at += by


class _Machine:
    """How far behind the database this machine's clock is; less than nothing where it is ahead."""

    behind = timedelta(0)


_set_clock: ContextVar[SetClock | None] = ContextVar("oms_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    clock = _set_clock.get()
    return datetime.now(UTC) + _Machine.behind if clock is None else clock.at


def agree_with(ask: Callable[[], datetime]) -> timedelta:
    """It was what `ask` answers at some moment while it was asked, whatever this machine's clock shows: how far behind
    it is taken to be from here on.

    A busy machine waits long for its answer, and then knows the time no better than that: what was known stays
    unless the answer contradicts it whenever it was given.
    """
    asked_at = datetime.now(UTC)
    at = _aware(ask())
    # Less than nothing where the clock was set back meanwhile; then the answer is worth as little.
    took = datetime.now(UTC) - asked_at
    behind, doubt = at - (asked_at + took / 2), TOLERATED + abs(took)
    if abs(behind - _Machine.behind) > doubt:
        _Machine.behind = behind if abs(behind) > doubt else timedelta(0)
    return _Machine.behind


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
