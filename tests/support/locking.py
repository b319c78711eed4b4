"""A database that does not answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections


@contextmanager
def locked(*tables: str) -> Iterator[None]:
    """Somebody else, on a connection of their own, lets nobody read the tables: what a long migration does."""
    is_locked, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                for table in tables:
                    cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                is_locked.set()
                may_end.wait(30)
                cursor.execute("ROLLBACK")
        finally:
            connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert is_locked.wait(10)
    try:
        yield
    finally:
        may_end.set()
        holder.join()
