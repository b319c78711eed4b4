"""Rule-set documents for readers: in the order they are thought in, on few lines.

The database keeps the keys of a document in an order of its own.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from oms.sourcing.rule_parsing import parse_rule_set

_WIDTH = 110
_SHORT = 70


def ordered(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same document in the order of the contract."""
    return parse_rule_set(document).to_document()


def readable(value: Any, indent: int = 0) -> str:
    """JSON on few lines: what is short stands beside its neighbours, what is long has lines of its own."""
    line = _inline(value)
    if indent + len(line) <= _WIDTH or not isinstance(value, dict | list):
        return line
    margin = " " * (indent + 1)
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    if isinstance(value, dict):
        inlined = [f"{_inline(key)}: {_inline(item)}" for key, item in value.items()]
    else:
        inlined = [_inline(item) for item in value]
    if all(len(item) <= _SHORT for item in inlined):
        items = _filled(inlined, len(margin))
    elif isinstance(value, dict):
        items = [f"{_inline(key)}: {readable(item, indent + len(key) + 5)}" for key, item in value.items()]
    else:
        items = [readable(item, indent + 1) for item in value]
    return opening + f",\n{margin}".join(items) + closing


def _filled(items: list[str], indent: int) -> list[str]:
    """As many to a line as fit."""
    lines = [""]
    for item in items:
        if lines[-1] and indent + len(lines[-1]) + len(item) > _WIDTH:
            lines.append("")
        lines[-1] += f", {item}" if lines[-1] else item
    return lines


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_inline(key)}: {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return orjson.dumps(value).decode()
