"""An example order and what should become of it: facts in, the outcome that was wanted against the one there is.

An example keeps its own facts, its network and stock included: its outcome changes with the rules alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oms.sourcing.engine import source
from oms.sourcing.facts import Facts
from oms.sourcing.results import PLANNED, UNFILLABLE, SourcingResult
from oms.sourcing.rules import ACTIONS, RuleSet

NOT_ASKED = "not_asked"
OUTCOMES = (PLANNED, UNFILLABLE, NOT_ASKED)
Parcels = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`outcome`: `planned`, `unfillable`, or `not_asked` where the rule set is not for the order. `parcels`: units
    by stock point and SKU. As something wanted, None means that it does not matter."""

    outcome: str
    rule: str | None = None
    action: str | None = None
    parcels: Parcels | None = None

    def to_document(self) -> dict[str, Any]:
        return {"outcome": self.outcome, "rule": self.rule, "action": self.action, "parcels": self.parcels}

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Outcome:
        return cls(
            outcome=document["outcome"],
            rule=document.get("rule"),
            action=document.get("action"),
            parcels=document.get("parcels"),
        )

    def problems(self) -> list[str]:
        """What makes it no outcome at all: names of its fields."""
        found = []
        if self.outcome not in OUTCOMES:
            found.append("outcome")
        if self.action is not None and self.action not in ACTIONS:
            found.append("action")
        if self.parcels is not None and any(units < 1 for lines in self.parcels.values() for units in lines.values()):
            found.append("parcels")
        return found


@dataclass(frozen=True, slots=True)
class Tried:
    """One example under one rule set. `differing`: the fields in which it is not what was wanted."""

    wanted: Outcome
    got: Outcome

    @property
    def differing(self) -> tuple[str, ...]:
        wanted, got = self.wanted, self.got
        told = ("rule", "action", "parcels")
        differing = [name for name in told if getattr(wanted, name) not in (None, getattr(got, name))]
        return (*(["outcome"] if wanted.outcome != got.outcome else []), *differing)

    @property
    def is_as_wanted(self) -> bool:
        return not self.differing


def try_example(rule_set: RuleSet, facts: Facts, wanted: Outcome) -> Tried:
    return Tried(wanted=wanted, got=outcome_under(rule_set, facts))


def outcome_under(rule_set: RuleSet, facts: Facts) -> Outcome:
    """What this rule set would do with the order, were it asked."""
    if not rule_set.applies_to.matches(facts.order):
        return Outcome(NOT_ASKED)
    return outcome_of(source(facts, rule_set))


def outcome_of(result: SourcingResult) -> Outcome:
    parcels: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for parcel in result.plan:
        for line in parcel.lines:
            parcels[parcel.stock_point][line.sku] += line.quantity
    return Outcome(
        outcome=result.outcome,
        rule=result.rule,
        action=result.action,
        parcels={point: dict(lines) for point, lines in sorted(parcels.items())},
    )
