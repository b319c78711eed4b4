"""After a test with transactions of its own the database is again as it was migrated.

Django truncates every table, which makes new files for each of them and their indexes, and then writes the
permissions again: half a second, where a test filled a dozen tables. Only those are emptied here.
"""

from __future__ import annotations

from functools import cache

from django.db import connection, transaction

# What migrating filled; no test changes these.
KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})


def empty_as_migrated() -> None:
    """The lock waits for what a server's thread is still writing, as a truncation would.

    As a replica, PostgreSQL asks neither foreign keys nor the triggers that keep a journal from being deleted.
    """
    names = _tables()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in names))
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {name}")


@cache
def _tables() -> list[str]:
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [connection.ops.quote_name(name) for name in sorted(found) if name not in KEPT]
