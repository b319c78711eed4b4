"""The sourcing engine: which stock points serve a basket, at what cost, by which day.

Pure: frozen dataclasses in, frozen dataclasses out; it loads neither Django nor Celery.
"""

from oms.sourcing.engine import ENGINE_VERSION, source
from oms.sourcing.facts import Facts, Network
from oms.sourcing.replaying import replay
from oms.sourcing.results import SourcingResult
from oms.sourcing.rule_parsing import RuleSetInvalid, parse_rule_set
from oms.sourcing.rules import DEFAULT_RULE_SET, RuleSet, matching_rule_set

__all__ = [
    "DEFAULT_RULE_SET",
    "ENGINE_VERSION",
    "Facts",
    "Network",
    "RuleSet",
    "RuleSetInvalid",
    "SourcingResult",
    "matching_rule_set",
    "parse_rule_set",
    "replay",
    "source",
]
