"""Working on several things at the same moment, each on a database connection of its own."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from queue import SimpleQueue
from threading import Event
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def side_by_side(works: Sequence[Iterator[T]]) -> Iterator[T]:
    """What the works yield, as it comes: each is iterated in a thread of its own, a single one by the caller.

    Where one of them raises, or the caller iterates no further, the others end once they have yielded what they are
    at; only then is the error raised. Transactions have to begin and end between two yields.
    """
    if len(works) == 1:
        yield from works[0]
        return
    found: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()
    is_to_stop = Event()
    with ThreadPoolExecutor(max_workers=max(len(works), 1)) as pool:
        for work in works:
            pool.submit(copy_context().run, _work, work, found, is_to_stop)
        try:
            yield from _found(found, len(works))
        finally:
            is_to_stop.set()


def _work(work: Iterator[T], found: "SimpleQueue[tuple[T] | BaseException | None]", is_to_stop: Event) -> None:
    end: BaseException | None = None
    try:
        for it in work:
            found.put((it,))
            if is_to_stop.is_set():
                break
    except BaseException as error:
        end = error
    finally:
        connections.close_all()
        found.put(end)


def _found(found: "SimpleQueue[tuple[T] | BaseException | None]", working: int) -> Iterator[T]:
    while working:
        it = found.get()
        if it is None:
            working -= 1
        elif isinstance(it, BaseException):
            raise it
        else:
            yield it[0]
