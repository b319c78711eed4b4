"""Facts and results as JSON, and back.

The text is canonical (sorted keys, no spaces, money without trailing zeros), so equal facts have
equal hashes. A network can be kept once, by its hash, beside the small rest of many facts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from oms.sourcing.facts import Facts, Network
from oms.sourcing.results import SourcingResult


def facts_to_json(facts: Facts) -> str:
    """Everything one decision rests on, the network included."""
    return canonical_json(to_plain(facts))


def facts_from_json(text: str) -> Facts:
    found: Facts = from_plain(Facts, json.loads(text))
    return found


def network_to_json(network: Network) -> str:
    return canonical_json(to_plain(network))


def network_from_json(text: str) -> Network:
    found: Network = from_plain(Network, json.loads(text))
    return found


def run_facts_to_json(facts: Facts, *, network_hash: str) -> str:
    """The facts of one run without their network, which is named by its hash."""
    plain = {field.name: to_plain(getattr(facts, field.name)) for field in fields(facts) if field.name != "network"}
    return canonical_json({**plain, "network_hash": network_hash})


def facts_from_parts(run_json: str, network: Network) -> Facts:
    """The facts of a run and the network that its `network_hash` names."""
    plain = json.loads(run_json)
    del plain["network_hash"]
    hints = _hints(Facts)
    values = {name: from_plain(hints[name], value) for name, value in plain.items()}
    return Facts(**values, network=network)


def content_hash(content: Facts | Network | str) -> str:
    """SHA-256, in hexadecimal, of canonical JSON (given as text, or made from the object)."""
    text = content if isinstance(content, str) else canonical_json(to_plain(content))
    return sha256(text.encode()).hexdigest()


def result_to_document(result: SourcingResult) -> dict[str, Any]:
    """The result as plain JSON values; money as strings."""
    found: dict[str, Any] = to_plain(result)
    return found


def result_from_document(document: Mapping[str, Any]) -> SourcingResult:
    found: SourcingResult = from_plain(SourcingResult, document)
    return found


def canonical_json(plain: Any) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def to_plain(value: Any) -> Any:
    """JSON values of a dataclass, recursively."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [to_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def decimal_text(amount: Decimal) -> str:
    """One text for each number: no exponent, no trailing zeros."""
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def from_plain(kind: Any, value: Any) -> Any:
    """The object of a type hint from JSON values."""
    return _reader(kind)(value)


@lru_cache(maxsize=256)
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@lru_cache(maxsize=256)
def _reader(kind: Any) -> Callable[[Any], Any]:
    """How values of one type are read; built once for each type."""
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if kind in (date, datetime):
        return kind.fromisoformat  # type: ignore[no-any-return]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        known = [argument for argument in arguments if argument is not type(None)]
        read = _reader(known[0])
        return lambda value: None if value is None else read(value)
    if origin is tuple and arguments[-1] is not Ellipsis:
        return lambda value: tuple(from_plain(of, item) for of, item in zip(arguments, value, strict=True))
    if origin is tuple or (isinstance(origin, type) and issubclass(origin, Sequence)):
        item_of = _reader(arguments[0])
        return lambda value: tuple(item_of(item) for item in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        value_of = _reader(arguments[1])
        return lambda value: {key: value_of(item) for key, item in value.items()}
    if kind is bool:
        return lambda value: value
    return kind  # type: ignore[no-any-return]


def _dataclass_reader(kind: Any) -> Callable[[Any], Any]:
    hints = _hints(kind)
    names = {field.name for field in fields(kind)}

    def read(value: Any) -> Any:
        if unknown := set(value) - names:
            raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
        return kind(**{name: _reader(hints[name])(item) for name, item in value.items()})

    return read
