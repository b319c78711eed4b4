"""Deciding a stored run again."""

from __future__ import annotations

import json

from oms.sourcing.engine import ENGINE_VERSION, source
from oms.sourcing.results import SourcingResult
from oms.sourcing.rule_parsing import parse_rule_set
from oms.sourcing.serialise import facts_from_json


class EngineVersionMismatch(ValueError):
    """The run was decided by another version of the engine, which may plan differently."""


def replay(facts_json: str, rule_set_json: str, *, engine_version: str = ENGINE_VERSION) -> SourcingResult:
    """The result of stored facts under a stored rule set: the same facts give the identical plan."""
    if engine_version != ENGINE_VERSION:
        raise EngineVersionMismatch(f"decided by engine {engine_version}, this is {ENGINE_VERSION}")
    return source(facts_from_json(facts_json), parse_rule_set(json.loads(rule_set_json)))
