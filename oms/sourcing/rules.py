"""Rule sets: which stock points may serve an order, by what they are compared, and in what order.

The document form is fixed in the public contract; `rule_parsing.parse_rule_set` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from oms.sourcing.facts import OrderFacts

QUEUE = "queue"
BACKORDER = "backorder"
CANCEL = "cancel"
ACTIONS = (QUEUE, BACKORDER, CANCEL)

ASSIGN = "assign"
OFFER = "offer"

ALL_WEEKDAYS = (1, 2, 3, 4, 5, 6, 7)
END_OF_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class OrderWindow:
    """When an order was placed, in the settings' zone: on which weekdays and days, both ends included, and
    from `start` to before `end`, minutes after midnight."""

    weekdays: tuple[int, ...] = ALL_WEEKDAYS
    start: int = 0
    end: int = END_OF_DAY
    first_day: date | None = None
    last_day: date | None = None

    def contains(self, moment: datetime | None, timezone: str) -> bool:
        if self == _ANY_TIME:
            return True
        if moment is None:
            return False
        local = moment.astimezone(_zone(timezone))
        day, minutes = local.date(), local.hour * 60 + local.minute
        return (
            local.isoweekday() in self.weekdays
            and self.start <= minutes < self.end
            and (self.first_day is None or self.first_day <= day)
            and (self.last_day is None or day <= self.last_day)
        )


_ANY_TIME = OrderWindow()


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class OrderConditions:
    """Which orders a rule set is for; an empty tuple or None restricts nothing."""

    channels: tuple[str, ...] = ()
    channel_kinds: tuple[str, ...] = ()
    banners: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    postcode_prefixes: tuple[str, ...] = ()
    min_order_value: Decimal | None = None
    max_order_value: Decimal | None = None
    categories_any: tuple[str, ...] = ()
    tags_any: tuple[str, ...] = ()
    customer_classes: tuple[str, ...] = ()
    ordered: OrderWindow = OrderWindow()

    def matches(self, order: OrderFacts) -> bool:
        return (
            _allows(self.channels, order.channel)
            and _allows(self.channel_kinds, order.channel_kind)
            and _allows(self.banners, order.banner)
            and _allows(self.modes, order.mode)
            and _allows(self.countries, order.country)
            and (not self.postcode_prefixes or order.postcode.startswith(self.postcode_prefixes))
            and (self.min_order_value is None or order.order_value >= self.min_order_value)
            and (self.max_order_value is None or order.order_value <= self.max_order_value)
            and (not self.categories_any or not order.categories.isdisjoint(self.categories_any))
            and (not self.tags_any or not order.tags.isdisjoint(self.tags_any))
            and _allows(self.customer_classes, order.customer_class)
            and self.ordered.contains(order.ordered_at, order.timezone)
        )


@dataclass(frozen=True, slots=True)
class Filters:
    """Which stock points a rule looks at; empty, None and False restrict nothing.

    `min_cover_days`: units of an article count only where they last so many days at the present pace.
    """

    kinds: tuple[str, ...] = ()
    groups_any: tuple[str, ...] = ()
    exclude_groups: tuple[str, ...] = ()
    stock_points: tuple[str, ...] = ()
    exclude_stock_points: tuple[str, ...] = ()
    within_km: float | int | None = None
    min_capacity_left: int | None = None
    min_units_left: int | None = None
    same_banner: bool = False
    open_today: bool = False
    destination_only: bool = False
    exclude_destination: bool = False
    tags_any: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()
    open_now: bool = False
    min_cover_days: int | None = None


@dataclass(frozen=True, slots=True)
class Objectives:
    """What a plan costs. The first, second, fourth, fifth and seventh multiply the money term of
    their name; the others are money: per kg CO2e, per day late, per rank and parcel, per parcel
    beyond the first."""

    transport: Decimal = Decimal(1)
    handling: Decimal = Decimal(1)
    carbon_per_kg: Decimal = Decimal("0.10")
    ageing: Decimal = Decimal(0)
    scarcity: Decimal = Decimal(0)
    lateness_per_day: Decimal = Decimal(2)
    decline: Decimal = Decimal(1)
    priority: Decimal = Decimal(0)
    extra_parcel: Decimal = Decimal(0)


OBJECTIVES = tuple(field.name for field in fields(Objectives))


@dataclass(frozen=True, slots=True)
class RuleCalendar:
    """When a rule is in force: from `start` to before `end`, minutes after midnight."""

    weekdays: tuple[int, ...] = ALL_WEEKDAYS
    start: int = 0
    end: int = END_OF_DAY


@dataclass(frozen=True, slots=True)
class Assignment:
    """`assign` to the plan's stock points, or `offer` to that many candidates."""

    kind: str = ASSIGN
    candidates: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """One step of a rule set: the first that yields a plan decides."""

    name: str
    filters: Filters = Filters()
    objectives: Objectives = Objectives()
    max_parcels: int = 1
    complete_only: bool = True
    allow_quantity_split: bool = False
    late_days: int = 0
    assignment: Assignment = Assignment()
    acceptance_minutes: int | None = None
    calendar: RuleCalendar = RuleCalendar()
    no_split_below: Decimal | None = None

    @property
    def weighs_sales(self) -> bool:
        """Whether it must be told how fast articles sell."""
        return bool(self.objectives.ageing) or self.filters.min_cover_days is not None

    def most_parcels(self, order_value: Decimal) -> int:
        """An order worth less than `no_split_below` goes in one parcel."""
        is_small = self.no_split_below is not None and order_value < self.no_split_below
        return 1 if is_small else self.max_parcels


@dataclass(frozen=True, slots=True)
class WhenNothingFits:
    action: str = QUEUE
    cancel_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """An ordered list of rules, for the orders it applies to."""

    code: str
    name: str
    rules: tuple[Rule, ...]
    priority: int = 100
    applies_to: OrderConditions = OrderConditions()
    when_nothing_fits: WhenNothingFits = WhenNothingFits()
    max_hops: int = 5
    uses_learning: bool = True

    def to_document(self) -> dict[str, Any]:
        """The JSON document with every key present."""
        return {
            "code": self.code,
            "name": self.name,
            "priority": self.priority,
            "applies_to": _conditions_document(self.applies_to),
            "rules": [_rule_document(rule) for rule in self.rules],
            "when_nothing_fits": {
                "action": self.when_nothing_fits.action,
                "cancel_after_days": self.when_nothing_fits.cancel_after_days,
            },
            "max_hops": self.max_hops,
            "uses_learning": self.uses_learning,
        }


MANY_PARCELS = 99
ANY_DELAY_DAYS = 3650

# What decides where no published rule set matches. It never refuses a plan for being late or for its
# number of parcels: the cost of both decides.
DEFAULT_RULE_SET = RuleSet(
    code="default",
    name="Least cost from any stock point",
    priority=1_000_000,
    rules=(
        Rule(
            name="least cost",
            max_parcels=MANY_PARCELS,
            allow_quantity_split=True,
            late_days=ANY_DELAY_DAYS,
        ),
    ),
)


def matching_rule_set(rule_sets: Iterable[RuleSet], order: OrderFacts) -> RuleSet:
    """The one that decides for this order: lowest priority first, then code; else the default."""
    ordered = sorted(rule_sets, key=lambda rule_set: (rule_set.priority, rule_set.code))
    return next((found for found in ordered if found.applies_to.matches(order)), DEFAULT_RULE_SET)


def _allows(values: tuple[str, ...], value: str | None) -> bool:
    return not values or value in values


def clock_text(minutes: int) -> str:
    """Minutes after midnight as `HH:MM`, the end of the day as `24:00`."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _money_text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")


def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _conditions_document(conditions: OrderConditions) -> dict[str, Any]:
    document: dict[str, Any] = {
        name: list(getattr(conditions, name))
        for name in ("channels", "channel_kinds", "banners", "modes", "countries", "postcode_prefixes")
    }
    document["order_value"] = {
        "min": _money_text(conditions.min_order_value),
        "max": _money_text(conditions.max_order_value),
    }
    document["categories_any"] = list(conditions.categories_any)
    document["tags_any"] = list(conditions.tags_any)
    document["customer_classes"] = list(conditions.customer_classes)
    ordered = conditions.ordered
    document["ordered"] = {
        "weekdays": list(ordered.weekdays),
        "from": clock_text(ordered.start),
        "to": clock_text(ordered.end),
        "first_day": _day_text(ordered.first_day),
        "last_day": _day_text(ordered.last_day),
    }
    return document


def _filters_document(filters: Filters) -> dict[str, Any]:
    values = {field.name: getattr(filters, field.name) for field in fields(filters)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _assignment_document(assignment: Assignment) -> Mapping[str, Any]:
    if assignment.kind == ASSIGN:
        return {"kind": ASSIGN}
    return {"kind": assignment.kind, "candidates": assignment.candidates}


def _rule_document(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "filters": _filters_document(rule.filters),
        "objectives": {name: _money_text(getattr(rule.objectives, name)) for name in OBJECTIVES},
        "max_parcels": rule.max_parcels,
        "complete_only": rule.complete_only,
        "allow_quantity_split": rule.allow_quantity_split,
        "late_days": rule.late_days,
        "assignment": _assignment_document(rule.assignment),
        "acceptance_minutes": rule.acceptance_minutes,
        "calendar": {
            "weekdays": list(rule.calendar.weekdays),
            "from": clock_text(rule.calendar.start),
            "to": clock_text(rule.calendar.end),
        },
        "no_split_below": _money_text(rule.no_split_below),
    }
