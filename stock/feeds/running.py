"""How an import runs in the database: alone, and with the means a million rows need."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

from stock.feeds.tables import execute

WORK_MEMORY: Final = "64MB"
_RUNNING: Final = 731_001_002


@contextmanager
def alone(import_id: int) -> Iterator[bool]:
    """Whether this process may run the import; held on a connection of its own, and so until it ends or dies."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            # It does nothing else until the import ends.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_RUNNING, import_id % 2**31])
            (is_alone,) = cursor.fetchone()
        yield is_alone
    finally:
        other.close()


def use_memory() -> None:
    """For the rest of the transaction."""
    execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")


def use_all_cores() -> None:
    """The planner thinks that most of what is compared is handed on, and that this is dear; next to nothing is."""
    execute("SET LOCAL parallel_tuple_cost = 0.001")


@contextmanager
def in_order_of_ids() -> Iterator[None]:
    """Within a transaction: an UPDATE joined by ids takes its locks in their order, as everybody does."""
    execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_seqscan = off")
    yield
    execute("SET LOCAL enable_hashjoin TO DEFAULT; SET LOCAL enable_seqscan TO DEFAULT")
