"""What is read once while a request is answered, however often its page needs it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")

_memory: ContextVar[dict[Any, Any] | None] = ContextVar("remembered", default=None)


def once_per_request(read: Callable[[], T]) -> Callable[[], T]:
    """The same answer until the request is over; outside of requests it is read each time."""

    @wraps(read)
    def remembered() -> T:
        memory = _memory.get()
        if memory is None:
            return read()
        if read not in memory:
            memory[read] = read()
        found: T = memory[read]
        return found

    return remembered


@contextmanager
def remembering() -> Iterator[None]:
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)
