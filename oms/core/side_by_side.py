"""Working on several things at the same moment, each on a database connection of its own."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from contextvars import copy_context
from queue import SimpleQueue
from threading import Event
from typing import Final, Generic, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")

CANCELLED_EVERY_S: Final = 0.5


def side_by_side(works: Sequence[Iterator[T]]) -> Iterator[T]:
    """What the works yield, as it comes: each is iterated in a thread of its own.

    A single one is iterated by the caller, and so are all, in turn, within a transaction: the threads would not see
    what it has written. Where one of them raises, or the caller iterates no further, the statements that the others
    are waiting for are cancelled, and only once all have ended is the error raised. So transactions have to begin and
    end between two yields, and what is rolled back has to be done again later.
    """
    if len(works) == 1 or connection.in_atomic_block:
        for work in works:
            yield from work
        return
    threads = _Threads[T]()
    with ThreadPoolExecutor(max_workers=max(len(works), 1)) as pool:
        try:
            for work in works:
                threads.futures.append(pool.submit(copy_context().run, threads.iterate, work))
            yield from threads.found()
        finally:
            threads.stop()


class _Threads(Generic[T]):
    def __init__(self) -> None:
        self.futures: list[Future[None]] = []
        self._found: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()
        self._is_to_stop = Event()
        self._connections: list[BaseDatabaseWrapper] = []

    def iterate(self, work: Iterator[T]) -> None:
        """In one of the threads."""
        end: BaseException | None = None
        wrapper = connections[DEFAULT_DB_ALIAS]
        self._connections.append(wrapper)
        try:
            while not self._is_to_stop.is_set():
                self._found.put((next(work),))
        except StopIteration:
            pass
        except BaseException as error:
            end = error
        finally:
            self._connections.remove(wrapper)
            try:
                connections.close_all()
            finally:
                self._found.put(end)

    def found(self) -> Iterator[T]:
        working = len(self.futures)
        while working:
            it = self._found.get()
            if it is None:
                working -= 1
            elif isinstance(it, BaseException):
                raise it
            else:
                yield it[0]

    def stop(self) -> None:
        """Returns once all have ended. One that is between two statements is cancelled at the next."""
        self._is_to_stop.set()
        while wait(self.futures, CANCELLED_EVERY_S).not_done:
            for wrapper in list(self._connections):
                with suppress(psycopg.Error):
                    if wrapper.connection is not None:
                        wrapper.connection.cancel_safe(timeout=CANCELLED_EVERY_S)
