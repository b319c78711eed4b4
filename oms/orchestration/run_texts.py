"""A run's facts and plan as text: the form of `oms.sourcing.serialise`, shorter and faster to write."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from oms.sourcing.facts import Facts, Network
from oms.sourcing.results import Candidate, SourcingResult
from oms.sourcing.serialise import canonical_json, decimal_text, facts_from_parts, result_from_document

_SORTED = orjson.OPT_SORT_KEYS
_RESULT = tuple(field.name for field in fields(SourcingResult) if field.name != "candidates")
_BY_SKU = ("available", "recent_sales")
_OWN_FACTS = tuple(field.name for field in fields(Facts) if field.name != "network")


def run_facts_text(facts: Facts, *, network_hash: UUID) -> bytes:
    """The facts of one run without their network, which is named by its hash. What is known of most
    stock points is written as one list in the order of their codes."""
    own: dict[str, Any] = {name: getattr(facts, name) for name in _OWN_FACTS}
    codes = facts.network.arrays.codes
    for name in _BY_SKU:
        own[name] = {sku: [units.get(code, 0) for code in codes] for sku, units in own[name].items()}
    own["capacity_left"] = list(map(facts.capacity_left.get, codes)) if facts.capacity_left else []
    own["network_hash"] = str(network_hash)
    return orjson.dumps(own, default=_plain, option=_SORTED)


def facts_from_text(text: bytes, network: Network) -> Facts:
    """The facts again, with the network that their `network_hash` names."""
    own = orjson.loads(text)
    codes = network.arrays.codes
    for name in _BY_SKU:
        own[name] = {
            sku: {code: units for code, units in zip(codes, column, strict=True) if units}
            for sku, column in own.get(name, {}).items()
        }
    left = zip(codes, own["capacity_left"], strict=True) if own["capacity_left"] else ()
    own["capacity_left"] = {code: orders for code, orders in left if orders is not None}
    return facts_from_parts(canonical_json(own), network)


def plan_text(result: SourcingResult) -> bytes:
    """The whole result but its candidates, which are kept as columns."""
    return orjson.dumps({name: getattr(result, name) for name in _RESULT}, default=_plain, option=_SORTED)


def result_from_plan(plan: Mapping[str, Any], candidates: Sequence[Candidate]) -> SourcingResult:
    """The result as the engine gave it, of a stored plan and its candidates."""
    return replace(result_from_document({**plan, "candidates": []}), candidates=candidates)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")
