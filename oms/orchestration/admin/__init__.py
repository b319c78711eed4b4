"""Rules to be written, decisions to be understood."""

from oms.orchestration.admin import reference, rule_sets, runs

__all__ = ["reference", "rule_sets", "runs"]
