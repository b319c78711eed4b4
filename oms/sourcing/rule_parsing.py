"""Reading a rule-set document: every mistake is reported, with its path, and nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from oms.sourcing import rules as r
from oms.sourcing.facts import CHANNEL_KINDS, MODES, STOCK_POINT_KINDS

T = TypeVar("T")
Check = Callable[[Any], Any]

_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
_COUNTRY = re.compile(r"[A-Z]{2}")
_MAX_MONEY = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class RuleSetProblem:
    """One mistake; `path` like `rules[0].filters.kinds[1]`."""

    path: str
    code: str
    detail: str


class RuleSetInvalid(ValueError):
    """The document is not a rule set; `problems` names every mistake."""

    def __init__(self, problems: list[RuleSetProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path}: {p.detail}" for p in problems))

    @property
    def errors(self) -> list[dict[str, str]]:
        """The problems as plain dicts, for an API's answer."""
        return [{"path": p.path, "code": p.code, "detail": p.detail} for p in self.problems]


class _Refused(Exception):
    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail


class _Reader:
    """Takes the keys of one JSON object, noting problems instead of stopping at the first."""

    def __init__(self, value: Any, path: str, problems: list[RuleSetProblem]) -> None:
        self.path = path
        self.problems = problems
        self.taken: set[str] = set()
        self.is_object = isinstance(value, dict)
        self.values: dict[str, Any] = value if self.is_object else {}
        if not self.is_object:
            self.note(path, "wrong_type", "must be an object")

    def note(self, path: str, code: str, detail: str) -> None:
        self.problems.append(RuleSetProblem(path or "$", code, detail))

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def take(self, key: str, check: Check, default: T) -> T:
        """The checked value; the default where the key is absent or its value is refused."""
        self.taken.add(key)
        if key not in self.values:
            return default
        found: T = self._checked(self.values[key], self.at(key), check, default)
        return found

    def required(self, key: str, check: Check, stand_in: T) -> T:
        if self.is_object and key not in self.values:
            self.note(self.at(key), "required", "is missing")
        return self.take(key, check, stand_in)

    def items(self, key: str, check: Check) -> tuple[Any, ...]:
        """A list without repetition, each item checked; absent is empty."""
        self.taken.add(key)
        values = self.values.get(key, [])
        if not isinstance(values, list):
            self.note(self.at(key), "wrong_type", "must be a list")
            return ()
        missing = object()
        checked = [
            self._checked(value, f"{self.at(key)}[{index}]", check, missing) for index, value in enumerate(values)
        ]
        found = tuple(value for value in checked if value is not missing)
        if len(set(found)) != len(found):
            self.note(self.at(key), "duplicate", "names the same value twice")
        return found

    def child(self, key: str) -> _Reader:
        self.taken.add(key)
        return _Reader(self.values.get(key, {}), self.at(key), self.problems)

    def finish(self) -> None:
        for key in sorted(set(map(str, self.values)) - self.taken):
            self.note(self.at(key), "unknown_key", "is not a key of this object")

    def _checked(self, value: Any, path: str, check: Check, default: Any) -> Any:
        try:
            return check(value)
        except _Refused as refused:
            self.note(path, refused.code, refused.detail)
            return default


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Refused("wrong_type", "must be a string")
    if not value.strip() or len(value) > 200:
        raise _Refused("invalid", "must have between 1 and 200 characters")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Refused("wrong_type", "must be true or false")
    return value


def _whole(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _Refused("wrong_type", "must be a whole number")
        if not low <= value <= high:
            raise _Refused("out_of_range", f"must be between {low} and {high}")
        return value

    return check


def _distance(value: Any) -> float | int:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _Refused("wrong_type", "must be a number of kilometres")
    if not 0 < value <= 40_000:
        raise _Refused("out_of_range", "must be above 0 and at most 40000")
    return value


def _amount(high: Decimal) -> Check:
    def check(value: Any) -> Decimal:
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise _Refused("wrong_type", 'must be a decimal written as a string, like "0.10"')
        try:
            amount = Decimal(value)
        except InvalidOperation:
            raise _Refused("invalid", "is not a decimal number") from None
        if not amount.is_finite() or not 0 <= amount <= high:
            raise _Refused("out_of_range", f"must be between 0 and {high}")
        exponent = amount.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -6:
            raise _Refused("invalid", "has more than six decimals")
        return amount

    return check


def _one_of(allowed: tuple[str, ...]) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise _Refused("wrong_type", "must be a string")
        if value not in allowed:
            raise _Refused("unknown_value", f"must be one of {', '.join(allowed)}")
        return value

    return check


def _country(value: Any) -> str:
    if not isinstance(value, str) or not _COUNTRY.fullmatch(value):
        raise _Refused("invalid", "must be a two-letter country code")
    return value


def _clock(value: Any) -> int:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise _Refused("invalid", "must be a time like 09:30")
    return int(value[:2]) * 60 + int(value[3:])


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _Refused("invalid", "must be a day like 2026-11-27") from None


def _or_none(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _conditions(reader: _Reader) -> r.OrderConditions:
    value = reader.child("order_value")
    amount = _or_none(_amount(Decimal(10) ** 12))
    low, high = value.take("min", amount, None), value.take("max", amount, None)
    if low is not None and high is not None and low > high:
        value.note(value.path, "invalid", "the minimum is above the maximum")
    value.finish()
    conditions = r.OrderConditions(
        channels=reader.items("channels", _text),
        channel_kinds=reader.items("channel_kinds", _one_of(CHANNEL_KINDS)),
        banners=reader.items("banners", _text),
        modes=reader.items("modes", _one_of(MODES)),
        countries=reader.items("countries", _country),
        postcode_prefixes=reader.items("postcode_prefixes", _text),
        min_order_value=low,
        max_order_value=high,
        categories_any=reader.items("categories_any", _text),
        tags_any=reader.items("tags_any", _text),
        customer_classes=reader.items("customer_classes", _text),
        ordered=_window(reader.child("ordered")),
    )
    reader.finish()
    return conditions


def _window(reader: _Reader) -> r.OrderWindow:
    weekdays, start, end = _hours(reader)
    first, last = reader.take("first_day", _or_none(_day), None), reader.take("last_day", _or_none(_day), None)
    if first is not None and last is not None and first > last:
        reader.note(reader.path, "invalid", "the first day is after the last")
    reader.finish()
    return r.OrderWindow(weekdays=weekdays, start=start, end=end, first_day=first, last_day=last)


def _hours(reader: _Reader) -> tuple[tuple[int, ...], int, int]:
    weekdays = reader.items("weekdays", _whole(1, 7)) or r.ALL_WEEKDAYS
    start = reader.take("from", _clock, 0)
    end = reader.take("to", _clock, r.END_OF_DAY)
    if start >= end:
        reader.note(reader.path, "invalid", "`from` must be before `to`")
    return weekdays, start, end


def _filters(reader: _Reader) -> r.Filters:
    count = _or_none(_whole(0, 1_000_000_000))
    filters = r.Filters(
        kinds=reader.items("kinds", _one_of(STOCK_POINT_KINDS)),
        groups_any=reader.items("groups_any", _text),
        exclude_groups=reader.items("exclude_groups", _text),
        stock_points=reader.items("stock_points", _text),
        exclude_stock_points=reader.items("exclude_stock_points", _text),
        within_km=reader.take("within_km", _or_none(_distance), None),
        min_capacity_left=reader.take("min_capacity_left", count, None),
        min_units_left=reader.take("min_units_left", count, None),
        same_banner=reader.take("same_banner", _flag, False),
        open_today=reader.take("open_today", _flag, False),
        destination_only=reader.take("destination_only", _flag, False),
        exclude_destination=reader.take("exclude_destination", _flag, False),
        tags_any=reader.items("tags_any", _text),
        exclude_tags=reader.items("exclude_tags", _text),
        open_now=reader.take("open_now", _flag, False),
        min_cover_days=reader.take("min_cover_days", _or_none(_whole(1, 3650)), None),
    )
    reader.finish()
    return filters


def _objectives(reader: _Reader) -> r.Objectives:
    check = _amount(_MAX_MONEY)
    defaults = r.Objectives()
    found = {field.name: reader.take(field.name, check, getattr(defaults, field.name)) for field in fields(defaults)}
    reader.finish()
    return r.Objectives(**found)


def _assignment(reader: _Reader) -> r.Assignment:
    kind = reader.take("kind", _one_of((r.ASSIGN, r.OFFER)), r.ASSIGN)
    candidates = 1
    if kind == r.OFFER:
        candidates = reader.take("candidates", _whole(1, 100), 3)
    reader.finish()
    return r.Assignment(kind=kind, candidates=candidates)


def _calendar(reader: _Reader) -> r.RuleCalendar:
    weekdays, start, end = _hours(reader)
    reader.finish()
    return r.RuleCalendar(weekdays=weekdays, start=start, end=end)


def _rule(reader: _Reader) -> r.Rule:
    rule = r.Rule(
        name=reader.required("name", _text, ""),
        filters=_filters(reader.child("filters")),
        objectives=_objectives(reader.child("objectives")),
        max_parcels=reader.take("max_parcels", _whole(1, r.MANY_PARCELS), 1),
        complete_only=reader.take("complete_only", _flag, True),
        allow_quantity_split=reader.take("allow_quantity_split", _flag, False),
        late_days=reader.take("late_days", _whole(0, r.ANY_DELAY_DAYS), 0),
        assignment=_assignment(reader.child("assignment")),
        acceptance_minutes=reader.take("acceptance_minutes", _or_none(_whole(1, 525_600)), None),
        calendar=_calendar(reader.child("calendar")),
        no_split_below=reader.take("no_split_below", _or_none(_amount(Decimal(10) ** 12)), None),
    )
    reader.finish()
    return rule


def _rules(reader: _Reader) -> tuple[r.Rule, ...]:
    reader.taken.add("rules")
    values = reader.values.get("rules")
    if not isinstance(values, list) or not values:
        reader.note("rules", "required", "must be a list of at least one rule")
        return ()
    rules = tuple(_rule(_Reader(value, f"rules[{index}]", reader.problems)) for index, value in enumerate(values))
    names = [rule.name for rule in rules if rule.name]
    if len(set(names)) != len(names):
        reader.note("rules", "duplicate", "two rules have the same name")
    return rules


def _when_nothing_fits(reader: _Reader) -> r.WhenNothingFits:
    found = r.WhenNothingFits(
        action=reader.take("action", _one_of(r.ACTIONS), r.QUEUE),
        cancel_after_days=reader.take("cancel_after_days", _or_none(_whole(0, 3650)), None),
    )
    reader.finish()
    return found


def parse_rule_set(document: Mapping[str, Any]) -> r.RuleSet:
    """The rule set of a JSON document (already decoded). RuleSetInvalid names every mistake."""
    problems: list[RuleSetProblem] = []
    reader = _Reader(document, "", problems)
    rule_set = r.RuleSet(
        code=reader.required("code", _text, ""),
        name=reader.required("name", _text, ""),
        priority=reader.take("priority", _whole(0, 1_000_000), 100),
        applies_to=_conditions(reader.child("applies_to")),
        rules=_rules(reader),
        when_nothing_fits=_when_nothing_fits(reader.child("when_nothing_fits")),
        max_hops=reader.take("max_hops", _whole(0, 1000), 5),
        uses_learning=reader.take("uses_learning", _flag, True),
    )
    reader.finish()
    if problems:
        raise RuleSetInvalid(problems)
    return rule_set
