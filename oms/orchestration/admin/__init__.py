"""Rules to be written, decisions to be understood."""

from oms.orchestration.admin import carriers, learning, pick_ups, reference, rule_sets, runs

__all__ = ["carriers", "learning", "pick_ups", "reference", "rule_sets", "runs"]
