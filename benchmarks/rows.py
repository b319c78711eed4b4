"""What each benchmark reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measure. `target` in words, empty where it is only for information; `passed` None then."""

    name: str
    value: float
    unit: str
    target: str = ""
    passed: bool | None = None


def at_most(name: str, value: float, unit: str, limit: float) -> Row:
    return Row(name, value, unit, f"<= {limit:g}", value <= limit)


def at_least(name: str, value: float, unit: str, limit: float) -> Row:
    return Row(name, value, unit, f">= {limit:g}", value >= limit)


def table(rows: Iterable[Row]) -> str:
    """The rows as lines of text."""
    marks = {True: "ok", False: "MISSED", None: ""}
    lines = []
    for row in rows:
        name, value, unit, target, passed = astuple(row)
        lines.append(f"{name:<64} {value:>12.4g} {unit:<8} {target:<10} {marks[passed]}".rstrip())
    return "\n".join(lines)
