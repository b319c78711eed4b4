"""Reading that does not wait: the database itself gives a statement up after so long."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable, QueryCanceled
from psycopg.pq import TransactionStatus

from oms.core.errors import TooSlow


@contextmanager
def at_most(milliseconds: int) -> Iterator[None]:
    """Each statement of the block may take so long. Raises `TooSlow` when one is given up; nothing is written then.

    The connection is good for further use, also within a transaction that goes on.
    """
    is_inner = connection.in_atomic_block
    try:
        with transaction.atomic():
            if is_inner:
                before = _patience(f"{milliseconds}ms")
                yield
                _patience(before)
            else:
                _begin(milliseconds)
                yield
    except OperationalError as error:
        _raise_if_slow(error)
        raise


@contextmanager
def reading_at_most(milliseconds: int) -> Iterator[None]:
    """The same for a block that only reads and begins no transaction of its own: without Django's book-keeping, which
    takes as long as a message to the database."""
    if connection.in_atomic_block or connection.queries_logged:
        with at_most(milliseconds):
            yield
        return
    connection.ensure_connection()
    raw: Any = connection.connection
    raw.pgconn.exec_(f"BEGIN READ ONLY; SET LOCAL statement_timeout = {int(milliseconds)}".encode())
    try:
        yield
    except OperationalError as error:
        _raise_if_slow(error)
        raise
    finally:
        if raw.info.transaction_status != TransactionStatus.IDLE:
            raw.pgconn.exec_(b"ROLLBACK")


def _raise_if_slow(error: OperationalError) -> None:
    if isinstance(error.__cause__, QueryCanceled | LockNotAvailable):
        raise TooSlow from error


def _begin(milliseconds: int) -> None:
    """The transaction and its limit in one message: on the way of every promise, another took as long as a read."""
    limit = f"SET LOCAL statement_timeout = {int(milliseconds)}"
    raw: Any = connection.connection
    if not connection.queries_logged:
        raw.pgconn.exec_(f"BEGIN; {limit}".encode())
    if raw.info.transaction_status != TransactionStatus.INTRANS:
        # Where that failed the cursor tells why; and where statements are logged it is to be seen.
        with connection.cursor() as cursor:
            cursor.execute(limit)


def _patience(value: str) -> str:
    """Set for the rest of the transaction; what it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)", [value]
        )
        return str(cursor.fetchone()[0])
