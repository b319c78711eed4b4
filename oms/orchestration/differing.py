"""What changes from one document to another, key by key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ABSENT = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """`before` and `after` None where the key is not there."""

    path: str
    before: str | None
    after: str | None


def differences(before: Any, after: Any) -> list[Difference]:
    """Each leaf that differs, rules by their place in the list."""
    return [
        Difference(path, None if old is ABSENT else _text(old), None if new is ABSENT else _text(new))
        for path, old, new in _leaves(before, after, "")
    ]


def _leaves(old: Any, new: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _leaves(old.get(key, ABSENT), new.get(key, ABSENT), f"{path}.{key}" if path else key)
    elif _is_list_of_objects(old) and _is_list_of_objects(new):
        for place in range(max(len(old), len(new))):
            before = old[place] if place < len(old) else ABSENT
            after = new[place] if place < len(new) else ABSENT
            yield from _leaves(before, after, f"{path}[{place}]")
    elif old != new:
        yield path, old, new


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("name", value))
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value is None else str(value)
