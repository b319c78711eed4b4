"""Test processes share one server, and the oldest transaction of any of them holds its horizon back.

What waits for the horizon (the feed of changes, the second walk of a rule) is right to wait; a test that
wants to see it arrive waits for the others' transactions first. Its own database's are its own business.
"""

from __future__ import annotations

from django.db import connection

from tests.support.waiting import wait_until

_FOREIGN = """
SELECT pid, backend_xid::text FROM pg_stat_activity
WHERE datname <> current_database() AND backend_xid IS NOT NULL
"""


def foreign_transactions() -> set[tuple[int, str]]:
    """Transactions with an id that run in other databases of this server now."""
    with connection.cursor() as cursor:
        cursor.execute(_FOREIGN)
        return set(cursor.fetchall())


def wait_for_foreign_transactions(timeout_s: float = 150) -> None:
    """Return once those that run now in other databases have ended."""
    running = foreign_transactions()
    if running:
        wait_until(lambda: not (running & foreign_transactions()), timeout_s)
