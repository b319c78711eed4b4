"""Rules to be written, decisions to be understood."""

from oms.orchestration.admin import carriers, learning, reference, rule_sets, runs

__all__ = ["carriers", "learning", "reference", "rule_sets", "runs"]
