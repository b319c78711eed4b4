"""Hand-written statements that run often: the server parses and plans them once per connection.

Django's own cursors send every statement whole and have it planned every time, which for a short
statement with several parts costs as much as running it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper

# How often a connection has run a statement before it is prepared. DATABASE_PREPARE_THRESHOLD = 0
# prepares nothing, for a pooler that gives each transaction another connection and cannot follow.
PREPARE_THRESHOLD: Final = 2


@contextmanager
def prepared_cursor() -> Iterator[CursorWrapper]:
    """A cursor that binds values on the server. Types are not guessed from a literal there: write `%s::bigint[]`."""
    connection.ensure_connection()
    raw: Any = connection.connection
    cursor: Any = ServerBindingCursor(raw)  # type: ignore[call-arg]
    # A prepared statement is sent by name: it could not be written down.
    threshold = 0 if connection.queries_logged else getattr(settings, "DATABASE_PREPARE_THRESHOLD", PREPARE_THRESHOLD)
    raw.prepare_threshold = threshold or None
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrap(cursor) as wrapped:
        yield wrapped


def prepared(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one; its rows."""
    with prepared_cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
