"""Watching transactions wait for each other."""

from django.db import connection

from tests.support.waiting import wait_until

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def wait_until_blocked(transactions: int, timeout_s: float = 20) -> None:
    """Until that many transactions of this database wait for somebody's lock."""

    def is_so() -> bool:
        with connection.cursor() as cursor:
            # Within a transaction the statistics are a snapshot, unless it is thrown away.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(_WAITING)
            return cursor.fetchone()[0] == transactions

    wait_until(is_so, timeout_s)
