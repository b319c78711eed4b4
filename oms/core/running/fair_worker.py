"""gunicorn's threaded worker, taking no more connections than its siblings hold.

All workers wait at one socket, and whichever wakes first takes what comes: programs and proxies that keep their
connections open may all end up in one process, which then queues while the others idle.
"""

from __future__ import annotations

import array
import mmap
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

SLOTS = 1024
GONE = 2**32 - 1
PATIENCE = 0.05
"""Seconds for which connections that wait are left to a worker that has fewer: a busy one may not look for them."""
A_TURN = 0.001

# Mapped before the workers are forked, so that all of them see it.
_shared = mmap.mmap(-1, SLOTS * array.array("I").itemsize)
OPEN = memoryview(_shared).cast("I")
"""Connections that each worker holds, in the slot of its age; GONE where there is no worker."""


def forget_all() -> None:
    """Before the first worker."""
    for slot in range(SLOTS):
        OPEN[slot] = GONE


def forget(age: int) -> None:
    """Its process ended."""
    OPEN[age % SLOTS] = GONE


class FairWorker(ThreadWorker):
    """Leaves a new connection to a sibling that holds fewer."""

    _held = 0
    _left_from = _left_until = 0.0

    @property
    def nr_conns(self) -> int:
        return self._held

    @nr_conns.setter
    def nr_conns(self, number: int) -> None:
        self._held = number
        self._tell()

    def handle_exit(self, sig: Any, frame: Any) -> None:
        super().handle_exit(sig, frame)
        self._tell()

    def accept(self, listener: Any) -> None:
        if self._held > min(OPEN) and self._is_patient(time.monotonic()):
            time.sleep(A_TURN)
            return
        self._left_from = time.monotonic()
        super().accept(listener)

    def _is_patient(self, now: float) -> bool:
        """Counted from when connections began to wait, or from the last that was taken."""
        if now > self._left_until + PATIENCE:
            self._left_from = now
        self._left_until = now
        return now < self._left_from + PATIENCE

    def _tell(self) -> None:
        """One that is about to stop takes nothing any more."""
        OPEN[self.age % SLOTS] = self._held if self.alive else GONE
