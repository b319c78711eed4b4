"""The sourcing engine: which stock points serve a basket, at what cost, by which day.

Pure: frozen dataclasses in, frozen dataclasses out; it loads neither Django nor Celery.
"""

from oms.sourcing.rule_parsing import RuleSetInvalid, parse_rule_set
from oms.sourcing.rules import DEFAULT_RULE_SET, RuleSet, matching_rule_set

__all__ = ["DEFAULT_RULE_SET", "RuleSet", "RuleSetInvalid", "matching_rule_set", "parse_rule_set"]
