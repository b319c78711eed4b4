"""Running things at the same moment, each on a database connection of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]], *, timeout_s: float = 60) -> list[T | BaseException]:
    """Start all calls together, one thread each; what each returned or raised, in order."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | BaseException:
        barrier.wait(timeout_s)
        try:
            return call()
        except BaseException as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return [future.result(timeout_s) for future in [pool.submit(run, call) for call in calls]]


class Elsewhere:
    """A thread with a connection of its own that does one thing and tells when it is done."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._outcome: list[object] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Elsewhere":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive(), "the other thread never came back"

    @property
    def is_done(self) -> bool:
        return not self._thread.is_alive()

    def result(self, timeout_s: float = 30) -> object:
        self._thread.join(timeout_s)
        assert self._outcome, "the other thread never came back"
        outcome = self._outcome[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def _run(self) -> None:
        try:
            self._outcome.append(self._call())
        except BaseException as error:
            self._outcome.append(error)
        finally:
            connections.close_all()
