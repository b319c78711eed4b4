"""A rule set's document as the values of an HTML form, and back: neither loses anything.

A form's values are lists of strings by name, as a browser posts them. The name of a value is the path of
its key in the document; those of a rule begin with `rules.` and the rule's own mark. `rule` lists the marks
in the order of the rules, so a rule that is moved keeps the names of its values.

Nothing is judged here: what is no number stays the text it is, and `parse_rule_set` says what is wrong with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from oms.sourcing.facts import CHANNEL_KINDS, MODES, STOCK_POINT_KINDS
from oms.sourcing.rules import ACTIONS, ALL_WEEKDAYS, ASSIGN, OBJECTIVES, OFFER, OrderConditions, Rule, RuleSet

Values = Mapping[str, Sequence[str]]
RULE = "rule"


class Kind(StrEnum):
    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    MONEY = "money"
    CLOCK = "clock"
    DAY = "day"
    FLAG = "flag"
    ONE_OF = "one_of"
    SOME_OF = "some_of"
    CODES = "codes"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the document. `options`: what `ONE_OF` and `SOME_OF` choose from."""

    path: str
    kind: Kind
    is_optional: bool = False
    options: tuple[str, ...] = ()


_WEEKDAYS = tuple(map(str, ALL_WEEKDAYS))


def _hours(path: str) -> tuple[Key, ...]:
    return (
        Key(f"{path}.weekdays", Kind.SOME_OF, options=_WEEKDAYS),
        Key(f"{path}.from", Kind.CLOCK),
        Key(f"{path}.to", Kind.CLOCK),
    )


SET_KEYS = (
    Key("name", Kind.TEXT),
    Key("priority", Kind.WHOLE),
    Key("applies_to.channels", Kind.CODES),
    Key("applies_to.channel_kinds", Kind.SOME_OF, options=CHANNEL_KINDS),
    Key("applies_to.banners", Kind.CODES),
    Key("applies_to.modes", Kind.SOME_OF, options=MODES),
    Key("applies_to.countries", Kind.CODES),
    Key("applies_to.postcode_prefixes", Kind.CODES),
    Key("applies_to.order_value.min", Kind.MONEY, is_optional=True),
    Key("applies_to.order_value.max", Kind.MONEY, is_optional=True),
    Key("applies_to.categories_any", Kind.CODES),
    Key("applies_to.tags_any", Kind.CODES),
    Key("applies_to.customer_classes", Kind.CODES),
    *_hours("applies_to.ordered"),
    Key("applies_to.ordered.first_day", Kind.DAY, is_optional=True),
    Key("applies_to.ordered.last_day", Kind.DAY, is_optional=True),
    Key("when_nothing_fits.action", Kind.ONE_OF, options=ACTIONS),
    Key("when_nothing_fits.cancel_after_days", Kind.WHOLE, is_optional=True),
    Key("max_hops", Kind.WHOLE),
    Key("uses_learning", Kind.FLAG),
)
RULE_KEYS = (
    Key("name", Kind.TEXT),
    Key("filters.kinds", Kind.SOME_OF, options=STOCK_POINT_KINDS),
    Key("filters.groups_any", Kind.CODES),
    Key("filters.stock_points", Kind.CODES),
    Key("filters.tags_any", Kind.CODES),
    Key("filters.exclude_groups", Kind.CODES),
    Key("filters.exclude_stock_points", Kind.CODES),
    Key("filters.exclude_tags", Kind.CODES),
    Key("filters.within_km", Kind.NUMBER, is_optional=True),
    Key("filters.min_units_left", Kind.WHOLE, is_optional=True),
    Key("filters.min_cover_days", Kind.WHOLE, is_optional=True),
    Key("filters.min_capacity_left", Kind.WHOLE, is_optional=True),
    Key("filters.same_banner", Kind.FLAG),
    Key("filters.open_today", Kind.FLAG),
    Key("filters.open_now", Kind.FLAG),
    Key("filters.destination_only", Kind.FLAG),
    Key("filters.exclude_destination", Kind.FLAG),
    *(Key(f"objectives.{name}", Kind.MONEY) for name in OBJECTIVES),
    Key("max_parcels", Kind.WHOLE),
    Key("complete_only", Kind.FLAG),
    Key("no_split_below", Kind.MONEY, is_optional=True),
    Key("allow_quantity_split", Kind.FLAG),
    Key("late_days", Kind.WHOLE),
    Key("assignment.kind", Kind.ONE_OF, options=(ASSIGN, OFFER)),
    Key("assignment.candidates", Kind.WHOLE),
    Key("acceptance_minutes", Kind.WHOLE, is_optional=True),
    *_hours("calendar"),
)
_USUAL_CANDIDATES = 3


def values_of(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Of a complete document (every key is there)."""
    values = dict(_written(SET_KEYS, document, ""))
    values[RULE] = []
    for place, rule in enumerate(document["rules"]):
        values[RULE].append(str(place))
        values.update(_written(RULE_KEYS, {**rule, "assignment": _with_candidates(rule)}, rule_prefix(str(place))))
    return values


def document_of(values: Values) -> dict[str, Any]:
    """The document without its code. A value that was not posted is left out, so its default holds."""
    document = _read(SET_KEYS, values, "")
    document["rules"] = [_rule(values, mark) for mark in values.get(RULE, ())]
    return document


def rule_prefix(mark: str) -> str:
    return f"rules.{mark}."


def usual_rule() -> dict[str, Any]:
    """What a rule says where nothing is said."""
    return RuleSet(code="", name="", rules=(Rule(name=""),), applies_to=OrderConditions()).to_document()["rules"][0]


def name_of_path(path: str, marks: Sequence[str]) -> str:
    """The name of the value a mistake is about: `rules[1].filters.kinds[0]` is `rules.MARK.filters.kinds`."""
    found = re.match(r"rules\[(\d+)\]\.?(.*)", path)
    if found and int(found[1]) < len(marks):
        return rule_prefix(marks[int(found[1])]) + _without_place(found[2] or "name")
    return _without_place(path)


def _without_place(path: str) -> str:
    return re.sub(r"\[\d+\]$", "", path)


def _with_candidates(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"candidates": _USUAL_CANDIDATES, **rule["assignment"]}


def _rule(values: Values, mark: str) -> dict[str, Any]:
    rule = _read(RULE_KEYS, values, rule_prefix(mark))
    if rule.get("assignment", {}).get("kind") != OFFER:
        rule.get("assignment", {}).pop("candidates", None)
    return rule


def _written(keys: Sequence[Key], document: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, list[str]]]:
    for key in keys:
        value: Any = document
        for step in key.path.split("."):
            value = value[step]
        yield prefix + key.path, _texts(key, value)


def _texts(key: Key, value: Any) -> list[str]:
    if key.kind is Kind.FLAG:
        return ["on"] if value else []
    if key.kind is Kind.CODES:
        return [written_codes(value)]
    if key.kind is Kind.SOME_OF:
        return [str(each) for each in value]
    return ["" if value is None else str(value)]


def _read(keys: Sequence[Key], values: Values, prefix: str) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for key in keys:
        given = values.get(prefix + key.path)
        if given is None and key.kind not in (Kind.FLAG, Kind.SOME_OF):
            continue
        *parents, last = key.path.split(".")
        inner = document
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[last] = _value(key, list(given or ()))
    return document


def _value(key: Key, given: list[str]) -> Any:
    if key.kind is Kind.FLAG:
        return bool(given)
    if key.kind is Kind.SOME_OF:
        return [int(each) if each in _WEEKDAYS else each for each in given]
    text = given[-1] if given else ""
    if key.kind is Kind.CODES:
        return read_codes(text)
    if key.kind is Kind.TEXT:
        return text
    text = text.strip()
    if not text and key.is_optional:
        return None
    if key.kind is Kind.WHOLE or (key.kind is Kind.NUMBER and re.fullmatch(r"\d+", text)):
        return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text
    # People write the decimals of their language.
    if key.kind is Kind.MONEY:
        return text.replace(",", ".")
    return _number(text) if key.kind is Kind.NUMBER else text


def _number(text: str) -> float | str:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def written_codes(codes: Sequence[str]) -> str:
    """Separated by commas; what would not be read back as it is stands in quotes, as in JSON."""
    return ", ".join(code if _is_plain(code) else json.dumps(code, ensure_ascii=False) for code in codes)


def _is_plain(code: str) -> bool:
    return bool(code) and code == code.strip() and code.isprintable() and not re.search(r'[,"]', code)


_CODE = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")\s*(?=,|$)|([^,]*))(?:,|$)', re.DOTALL)


def read_codes(text: str) -> list[str]:
    """What `written_codes` writes; empty places between commas say nothing."""
    found: list[str] = []
    at = 0
    while at < len(text):
        match = _CODE.match(text, at)
        if match is None or match.end() == at:
            break
        at = match.end()
        quoted, plain = match[1], (match[2] or "").strip()
        if quoted is not None:
            found.append(_unquoted(quoted))
        elif plain:
            found.append(plain)
    return found


def _unquoted(quoted: str) -> str:
    try:
        text: str = json.loads(quoted, strict=False)
    except ValueError:
        return quoted
    return text
