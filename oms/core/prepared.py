"""Hand-written statements that run often: the server parses and plans them once per connection.

Django's own cursors send every statement whole and have it planned every time, which for a short
statement with several parts costs as much as running it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import CursorMixin
from django.db.backends.utils import CursorWrapper
from psycopg import RawCursor
from psycopg.pq import Format

# How often a connection has run a statement before it is prepared. DATABASE_PREPARE_THRESHOLD = 0
# prepares nothing, for a pooler that gives each transaction another connection and cannot follow.
PREPARE_THRESHOLD: Final = 2

# Characters of a statement: longer ones have a part for each of their many rows, and hardly come again.
_LONGEST_KEPT: Final = 20_000
_PLACEHOLDER: Final = re.compile(r"%(?:\((?P<name>\w+)\))?(?P<kind>[s%])")


def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement as the server reads it, `$1` for the first value, and the names of its values in that order."""
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        if found["kind"] == "%":
            return "%"
        # Each that has no name is a value of its own.
        name = found["name"] or f"%{len(numbers)}"
        return f"${numbers.setdefault(name, len(numbers) + 1)}"

    return _PLACEHOLDER.sub(number, statement).encode(), tuple(numbers)


_numbered_before = lru_cache(maxsize=256)(_numbered)


class _PreparedCursor(CursorMixin, RawCursor[Any]):
    """Translates the placeholders of a statement once: psycopg does it anew, each time, for the long ones."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        if params is None:
            return super().execute(query, **options)
        text, names = (_numbered if len(query) > _LONGEST_KEPT else _numbered_before)(query)
        values = [params[name] for name in names] if isinstance(params, Mapping) else params
        return super().execute(text, values, **options)


@contextmanager
def prepared_cursor(*, in_bytes: bool = False) -> Iterator[CursorWrapper]:
    """A cursor that binds values on the server. Types are not guessed from a literal there: write `%s::bigint[]`.

    `in_bytes`: what is found comes as the server keeps it. Columns of bytes are twice as long as text, and translated
    on both sides.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    raw: Any = connection.connection
    cursor: Any = _PreparedCursor(raw)
    cursor.format = Format.BINARY if in_bytes else Format.TEXT
    # A prepared statement is sent by name: it could not be written down.
    is_logged = connection.queries_logged
    threshold = 0 if is_logged else getattr(settings, "DATABASE_PREPARE_THRESHOLD", PREPARE_THRESHOLD)
    raw.prepare_threshold = threshold or None
    with connection.make_debug_cursor(cursor) if is_logged else connection.make_cursor(cursor) as wrapped:
        yield wrapped


def prepared(
    statement: str, parameters: Sequence[Any] | Mapping[str, Any], *, in_bytes: bool = False
) -> list[tuple[Any, ...]]:
    """Run one; its rows."""
    with prepared_cursor(in_bytes=in_bytes) as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def whole_numbers(values: Iterable[int | str]) -> str:
    """As the database writes an array of them, for `%s::bigint[]`: a list takes longer to send, number by number."""
    return f"{{{','.join(map(str, values))}}}"
