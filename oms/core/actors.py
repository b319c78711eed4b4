"""Who is acting: written on every audit entry and state change.

`user:12`, `client:web-shop`, `task:orders.tasks.source_order`, or `system` when nobody else is.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SYSTEM = "system"

Actor = str | Callable[[], str]
_actor: ContextVar[Actor] = ContextVar("oms_actor", default=SYSTEM)


def current_actor() -> str:
    actor = _actor.get()
    return actor() if callable(actor) else actor


def become(actor: str) -> None:
    """From here to the end of the enclosing `acting_as` block it is `actor` who acts."""
    _actor.set(actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Within the block it is `actor` who acts; a callable is asked only when somebody wants to know."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)
