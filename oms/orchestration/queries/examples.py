"""Example orders as they are read, and what a rule set makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from oms.orchestration.examples import Outcome, Tried, try_example
from oms.orchestration.models import ExampleOrder
from oms.orchestration.packing import unpacked
from oms.sourcing.facts import Facts
from oms.sourcing.rules import RuleSet
from oms.sourcing.serialise import facts_from_json


@dataclass(frozen=True)
class KnownExample:
    """One example with its parts made readable."""

    example: ExampleOrder

    @cached_property
    def facts(self) -> Facts:
        return facts_from_json(unpacked(self.example.facts).decode())

    @property
    def wanted(self) -> Outcome:
        return Outcome.of_document(self.example.expected)

    def under(self, rules: RuleSet) -> Tried:
        return try_example(rules, self.facts, self.wanted)


@dataclass(frozen=True)
class TriedExample:
    known: KnownExample
    tried: Tried


def examples_tried(rule_set_id: int, rules: RuleSet) -> list[TriedExample]:
    """Every example of the rule set, as these rules decide it; one query."""
    return _tried(ExampleOrder.objects.filter(rule_set_id=rule_set_id).order_by("pk"), rules)


def _tried(examples: Iterable[ExampleOrder], rules: RuleSet) -> list[TriedExample]:
    known = [KnownExample(each) for each in examples]
    return [TriedExample(each, each.under(rules)) for each in known]
