"""What a statement reads, by its plan as it ran."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

_COUNTED = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")


def rows_read_by(sql: str, parameters: Any = None) -> int:
    """Of all its tables and indexes, those that were passed over included. It runs the statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters)
        (told,) = cursor.fetchone()
    return sum(_read(node) for node in _nodes(told[0]["Plan"]) if "Relation Name" in node)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _read(node: dict[str, Any]) -> int:
    return int(sum(node.get(name, 0) for name in _COUNTED) * node["Actual Loops"])
