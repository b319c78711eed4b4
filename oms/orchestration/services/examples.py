"""Keeping example orders: made from a decision that was recorded, or by hand; every change is audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.audit import record_audit
from oms.core.errors import Invalid
from oms.orchestration.baskets import Basket
from oms.orchestration.errors import UnknownExample, UnknownRuleSet
from oms.orchestration.examples import Outcome, outcome_of, outcome_under
from oms.orchestration.models import ExampleOrder, RuleSet, SourcingRun
from oms.orchestration.packing import packed
from oms.orchestration.queries.facts import facts_for
from oms.orchestration.queries.rule_sets import version_to_read
from oms.orchestration.queries.runs import StoredRun
from oms.orchestration.services.scenario_examples import Places, shipped_examples
from oms.sourcing.facts import Facts
from oms.sourcing.rule_parsing import parse_rule_set
from oms.sourcing.serialise import facts_to_json

Stock = Mapping[str, Mapping[str, int]]
"""Units by SKU and stock point."""


@dataclass(frozen=True, slots=True)
class ExampleByHand:
    """An order nobody placed. `stock` None: what is there now; else this and nothing more. `at`: as if it were
    that moment."""

    basket: Basket
    stock: Stock | None = None
    at: datetime | None = None


@transaction.atomic
def keep_example(
    *, code: str, name: str, facts: Facts, expected: Outcome | None = None, origin: str = "by hand"
) -> ExampleOrder:
    """Add one, or write the one of this name anew. `expected` None: what the draft makes of it now.

    Raises `UnknownRuleSet`, and `Invalid` for an outcome that is none.
    """
    rule_set = RuleSet.objects.locked(code)
    if rule_set is None:
        raise UnknownRuleSet(f"There is no rule set {code}.")
    wanted = expected or outcome_under(parse_rule_set(version_to_read(rule_set).document), facts)
    _require_outcome(wanted)
    example, _ = ExampleOrder.objects.update_or_create(
        rule_set=rule_set,
        name=name,
        defaults={
            "facts": packed(facts_to_json(facts).encode()),
            "expected": wanted.to_document(),
            "origin": origin,
            "edited_at": clock.now(),
            "edited_by": current_actor(),
        },
    )
    _audit("rule_set.example_kept", example)
    return example


def example_from_order(*, code: str, reference: str, name: str = "") -> ExampleOrder:
    """Of the latest decision made for this order: it is to end as it did then. `Invalid` without one."""
    run = SourcingRun.objects.filter(reference=reference).order_by("-pk").first()
    if run is None:
        raise Invalid(errors={"reference": [f"No decision was made for an order {reference}."]})
    stored = StoredRun(run)
    decided = outcome_of(stored.result)
    # Another set's rules are not looked for here.
    expected = decided if run.rule_set_code == code else replace(decided, rule=None)
    return keep_example(
        code=code, name=name or reference, facts=stored.facts, expected=expected, origin=f"order {reference}"
    )


def example_by_hand(*, code: str, name: str, asked: ExampleByHand, expected: Outcome | None = None) -> ExampleOrder:
    """Of today's network. Raises `UnknownCountry`, `UnknownRuleSet`."""
    (gathered,), _ = facts_for([asked.basket], at=asked.at)
    facts = gathered.facts
    if asked.stock is not None:
        facts = replace(facts, available={sku: asked.stock.get(sku, {}) for sku in facts.available})
    return keep_example(code=code, name=name, facts=facts, expected=expected)


def keep_shipped_examples(*, codes: Sequence[str], places: Places) -> None:
    """Those that come with these rule sets, written for the retailer's own channels and groups."""
    shipped = shipped_examples(places)
    for code in codes:
        for each in shipped.get(code, ()):
            keep_example(code=code, name=each.name, facts=each.facts, expected=each.expected, origin="shipped")


@transaction.atomic
def expect_of_example(*, example_id: int, name: str, expected: Outcome) -> ExampleOrder:
    """Say anew what should become of it. Raises `UnknownExample`, and `Invalid` where the name is taken."""
    _require_outcome(expected)
    example = _locked(example_id)
    example.name, example.expected = name, expected.to_document()
    example.edited_at, example.edited_by = clock.now(), current_actor()
    try:
        with transaction.atomic():
            example.save()
    except IntegrityError as error:
        raise Invalid(errors={"name": ["Another example of this rule set has this name."]}) from error
    _audit("rule_set.example_changed", example)
    return example


@transaction.atomic
def drop_example(*, example_id: int) -> None:
    example = _locked(example_id)
    _audit("rule_set.example_dropped", example)
    example.delete()


def _locked(example_id: int) -> ExampleOrder:
    found = (
        ExampleOrder.objects.select_related("rule_set").select_for_update(of=("self",)).filter(pk=example_id).first()
    )
    if found is None:
        raise UnknownExample(f"There is no example order {example_id}.")
    return found


def _require_outcome(outcome: Outcome) -> None:
    wrong = outcome.problems()
    if wrong:
        raise Invalid(errors={name: ["is no outcome of an order."] for name in wrong})


def _audit(action: str, example: ExampleOrder) -> None:
    changes = {"example": example.name, "expected": example.expected}
    record_audit(action, subject=f"rule_set:{example.rule_set.code}", changes=changes)
