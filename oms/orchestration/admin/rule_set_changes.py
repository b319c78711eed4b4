"""What changes from one version of a rule set to another, in the words its form uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _

from oms.orchestration.admin.reading import language
from oms.orchestration.admin.rule_set_texts import RULE_WORDS, SET_WORDS, Words, option_label
from oms.orchestration.editing import RULE_KEYS, SET_KEYS, Key, Kind
from oms.orchestration.wording import in_words
from oms.sourcing.rule_parsing import parse_rule_set

Document = Mapping[str, Any]
# Of one rule: as it was and as it is to be; None where it is not there.
Pair = tuple[Document | None, Document | None]
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Change:
    """`rule`: the name of the rule it is about, empty for the whole set."""

    rule: str
    what: str
    before: str
    after: str


def changes(before: Document, after: Document) -> list[Change]:
    """Of complete documents: the set's own values first, then rule by rule.

    A rule is the same as long as its name is, wherever it stands; a new name in the place of one that is gone
    is a rule renamed.
    """
    pairs = _pairs(before["rules"], after["rules"])
    found = list(_of_values("", SET_KEYS, SET_WORDS, before, after))
    found += _order(before["rules"], pairs)
    told = _told(before), _told(after)
    for old, new in pairs:
        if old is None and new is not None:
            found.append(Change(new["name"], _("New rule"), NOTHING, told[1][new["name"]]))
        elif new is None and old is not None:
            found.append(Change(old["name"], _("Rule removed"), told[0][old["name"]], NOTHING))
        elif old is not None and new is not None:
            found += _of_values(new["name"], RULE_KEYS, RULE_WORDS, old, new)
    return found


def _pairs(before: Sequence[Document], after: Sequence[Document]) -> list[Pair]:
    """In the order they are to have, then those that are gone."""
    known = {rule["name"]: rule for rule in before}
    named = {rule["name"] for rule in after}
    pairs: list[Pair] = []
    for place, rule in enumerate(after):
        there = before[place] if place < len(before) and before[place]["name"] not in named else None
        pairs.append((known.get(rule["name"], there), rule))
    kept = {old["name"] for old, _new in pairs if old is not None}
    return [*pairs, *((rule, None) for rule in before if rule["name"] not in kept)]


def _order(before: Sequence[Document], pairs: Sequence[Pair]) -> Iterator[Change]:
    """Of the rules that are in both."""
    places = {rule["name"]: place for place, rule in enumerate(before)}
    kept = [(places[old["name"]], new["name"]) for old, new in pairs if old is not None and new is not None]
    if kept != sorted(kept):
        was, is_now = (", ".join(name for _place, name in rows) for rows in (sorted(kept), kept))
        yield Change("", _("Order of the rules"), was, is_now)


def _told(document: Document) -> dict[str, str]:
    """Each rule by its name, in sentences."""
    rules = in_words(parse_rule_set(document), language()).rules
    return {rule.name: "; ".join((rule.looks_at, rule.compares, rule.allows, rule.then)) for rule in rules}


def _of_values(
    rule: str, keys: Sequence[Key], words: Mapping[str, Words], before: Document, after: Document
) -> Iterator[Change]:
    for key in keys:
        old, new = _value(before, key.path), _value(after, key.path)
        if old != new:
            label, unit = str(words[key.path].label), str(words[key.path].unit)
            unit = "" if unit in label.lower() else unit
            yield Change(rule, label, _said(key, old, unit), _said(key, new, unit))


def _value(document: Document, path: str) -> Any:
    """None where an offer's candidates are not told, because nothing is offered."""
    value: Any = document
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _said(key: Key, value: Any, unit: str) -> str:
    if value in (None, "", []):
        return NOTHING
    if key.kind is Kind.FLAG:
        return _("yes") if value else _("no")
    if key.kind is Kind.ONE_OF:
        return str(option_label(key.path, value, language()))
    if key.kind is Kind.SOME_OF:
        return ", ".join(str(option_label(key.path, str(each), language())) for each in value)
    if key.kind is Kind.CODES:
        return ", ".join(value)
    if key.kind is Kind.DAY:
        return date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")
    text = str(value)
    if key.kind in (Kind.MONEY, Kind.NUMBER):
        text = text.replace(".", get_format("DECIMAL_SEPARATOR"))
    return f"{text} {unit}" if unit else text
