"""What must always be true, proven over the database by `check_invariants`.

An app's `invariants.py` registers its own: a function that yields one sentence for each violation.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

Check = Callable[[], Iterable[str]]
REGISTRY: dict[str, Check] = {}


@dataclass(frozen=True, slots=True)
class Violation:
    invariant: str
    detail: str


def invariant(name: str) -> Callable[[Check], Check]:
    """Register a check. Its name says what is true, in snake case: `reserved_is_sum_of_live_reservations`."""

    def register(check: Check) -> Check:
        if name in REGISTRY:
            raise ValueError(f"There already is an invariant named {name}.")
        REGISTRY[name] = check
        return check

    return register


def violations(names: Iterable[str] | None = None) -> Iterator[Violation]:
    """Each violation of the named invariants, of all by default, seen in one snapshot of the database."""
    with one_snapshot():
        for name in sorted(REGISTRY) if names is None else names:
            for detail in REGISTRY[name]():
                yield Violation(name, detail)


@contextmanager
def one_snapshot() -> Iterator[None]:
    """A transaction in which time stands still, so that two questions never straddle somebody's commit."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def rows_of(statement: str, *parameters: Any) -> list[tuple]:
    """Rows of a hand-written statement: an invariant is best said in SQL."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall()
