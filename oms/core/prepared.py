"""Hand-written statements that run often: the server parses and plans them once per connection.

Django's own cursors send every statement whole and have it planned every time, which for a short
statement with several parts costs as much as running it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

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
    raw = connection.connection
    cursor = ServerBindingCursor(raw)
    if connection.queries_logged:
        # A prepared statement is sent by name: it could not be written down.
        raw.prepare_threshold = None
        wrapped = connection.make_debug_cursor(cursor)
    else:
        raw.prepare_threshold = getattr(settings, "DATABASE_PREPARE_THRESHOLD", PREPARE_THRESHOLD) or None
        wrapped = connection.make_cursor(cursor)
    with wrapped:
        yield wrapped
