"""Rules to be written, decisions to be understood."""

from oms.orchestration.admin import carriers, reference, rule_sets, runs

__all__ = ["carriers", "reference", "rule_sets", "runs"]
