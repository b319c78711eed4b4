"""Keeping example orders: made from a decision that was recorded, or by hand; every change is audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.audit import record_audit
from oms.core.bulk import BulkResult, Row
from oms.core.errors import Invalid
from oms.orchestration.baskets import Basket
from oms.orchestration.errors import UnknownExample, UnknownRuleSet
from oms.orchestration.examples import Outcome, outcome_of, outcome_under
from oms.orchestration.models import ExampleOrder, RuleSet, SourcingRun
from oms.orchestration.models.examples import SHIPPED
from oms.orchestration.packing import packed, unpacked
from oms.orchestration.queries.facts import facts_for
from oms.orchestration.queries.rule_sets import version_to_read
from oms.orchestration.queries.runs import StoredRun
from oms.orchestration.services.scenario_examples import Places, shipped_examples
from oms.sourcing.facts import Facts
from oms.sourcing.rule_parsing import parse_rule_set
from oms.sourcing.rules import RuleSet as Rules
from oms.sourcing.serialise import canonical_json, facts_from_json, facts_to_json

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
    stored = _latest_run(reference)
    return keep_example(
        code=code,
        name=name or reference,
        facts=stored.facts,
        expected=_ended(stored, code),
        origin=f"order {reference}",
    )


def _ended(stored: StoredRun, code: str) -> Outcome:
    """As it was decided; another set's rules are not looked for."""
    decided = outcome_of(stored.result)
    return decided if stored.run.rule_set_code == code else replace(decided, rule=None)


def _latest_run(reference: str) -> StoredRun:
    run = SourcingRun.objects.filter(reference=reference).order_by("-pk").first()
    if run is None:
        raise Invalid(errors={"reference": [f"No decision was made for an order {reference}."]})
    return StoredRun(run)


def example_by_hand(*, code: str, name: str, asked: ExampleByHand, expected: Outcome | None = None) -> ExampleOrder:
    """Of today's network. Raises `UnknownCountry`, `UnknownRuleSet`."""
    (gathered,), _ = facts_for([asked.basket], at=asked.at)
    facts = gathered.facts
    if asked.stock is not None:
        facts = replace(facts, available={sku: asked.stock.get(sku, {}) for sku in facts.available})
    return keep_example(code=code, name=name, facts=facts, expected=expected)


@transaction.atomic
def save_examples(*, code: str, rows: Sequence[Row]) -> BulkResult:
    """Write examples by their names: `name`, `expected` (None: what the rule set makes of it), and either `facts`, a
    document as `facts_to_json` writes it, or `order`, the reference of one that was decided.

    Raises `UnknownRuleSet`.
    """
    rule_set = RuleSet.objects.locked(code)
    if rule_set is None:
        raise UnknownRuleSet(f"There is no rule set {code}.")
    rules = parse_rule_set(version_to_read(rule_set).document)
    known = {example.name: example for example in rule_set.examples.all()}
    result = BulkResult()
    for row in rows:
        try:
            facts, ends, origin = _read(row, code, rules)
            expected = Outcome.of_document(row["expected"]) if row.get("expected") else ends
            present = known.get(row["name"])
            if present is not None and _is_as_kept(present, facts, expected):
                result.unchanged += 1
                continue
            keep_example(code=code, name=row["name"], facts=facts, expected=expected, origin=origin)
        except Invalid as error:
            result.refuse(row.index, error.code, _sentence(error))
            continue
        result.created += present is None
        result.updated += present is not None
    return result


def _read(row: Row, code: str, rules: Rules) -> tuple[Facts, Outcome, str]:
    """What its decision rests on, how it ended or ends, and where that is from. `Invalid` where no decision could be
    made of it."""
    if row.get("order"):
        stored = _latest_run(row["order"])
        return stored.facts, _ended(stored, code), f"order {row['order']}"
    try:
        facts = facts_from_json(canonical_json(row.get("facts")))
        ends = outcome_under(rules, facts)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, LookupError) as error:
        raise Invalid(errors={"facts": [gettext_noop("They are not the facts of an order.")]}) from error
    return facts, ends, "API"


def _sentence(error: Invalid) -> str:
    """Of the first field that is wrong."""
    errors = error.errors if isinstance(error.errors, Mapping) else {}
    return next((f"{name}: {' '.join(told)}" for name, told in errors.items()), str(error))


def _is_as_kept(example: ExampleOrder, facts: Facts, expected: Outcome) -> bool:
    is_same_order = unpacked(example.facts).decode() == facts_to_json(facts)
    return is_same_order and example.expected == expected.to_document()


def keep_shipped_examples(*, codes: Sequence[str], places: Places) -> None:
    """Those that come with these rule sets, written for the retailer's own channels and groups."""
    shipped = shipped_examples(places)
    for code in codes:
        for each in shipped.get(code, ()):
            keep_example(code=code, name=each.name, facts=each.facts, expected=each.expected, origin=SHIPPED)


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
        raise Invalid(errors={"name": [gettext_noop("Another example of this rule set has this name.")]}) from error
    _audit("rule_set.example_changed", example)
    return example


@transaction.atomic
def drop_example(*, example_id: int, code: str | None = None) -> None:
    """`code`: of that rule set only. Raises `UnknownExample`."""
    example = _locked(example_id)
    if code is not None and example.rule_set.code != code:
        raise UnknownExample(f"The rule set {code} has no example order {example_id}.")
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
        raise Invalid(errors={name: [gettext_noop("is no outcome of an order.")] for name in wrong})


def _audit(action: str, example: ExampleOrder) -> None:
    changes = {"example": example.name, "expected": example.expected}
    record_audit(action, subject=f"rule_set:{example.rule_set.code}", changes=changes)
