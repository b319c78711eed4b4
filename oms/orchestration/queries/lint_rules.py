"""What one rule probably does not mean: it names nothing, is never reached, or weighs what is always the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from oms.orchestration.overlaps import is_looser
from oms.orchestration.queries.lint_network import LintedNetwork, LintedPoint
from oms.sourcing.facts import OWN_STOCK_MODES
from oms.sourcing.rules import ALL_WEEKDAYS, END_OF_DAY, Objectives, Rule, RuleCalendar, RuleSet
from oms.sourcing.worth import SHOP_KINDS


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` is the name of the rule it is about, None for the whole set."""

    rule: str | None
    code: str
    detail: str


def findings_for_rule(rule_set: RuleSet, place: int, network: LintedNetwork) -> Iterator[Finding]:
    rule = rule_set.rules[place]
    passing = network.passing(rule.filters)
    yield from _matches_nothing(rule, passing)
    yield from _cannot_matter(rule_set, rule, passing)
    yield from _unreachable(rule, rule_set.rules[:place])


def _matches_nothing(rule: Rule, passing: list[LintedPoint]) -> Iterator[Finding]:
    if rule.filters.destination_only and rule.filters.exclude_destination:
        told = _("Only the destination and never the destination: no stock point is both.")
        yield Finding(rule.name, "matches_nothing", told)
    elif not passing:
        yield Finding(rule.name, "matches_nothing", _("No active stock point passes its filters."))


def _unreachable(rule: Rule, earlier: tuple[Rule, ...]) -> Iterator[Finding]:
    for other in earlier:
        if _always_plans_when(other, rule):
            told = _("Whenever it would find a plan, “%(rule)s” has found one before.") % {"rule": other.name}
            yield Finding(rule.name, "unreachable", told)
            return


def _always_plans_when(earlier: Rule, later: Rule) -> bool:
    """Whether each plan of the later rule is one the earlier allows too; objectives only choose among plans."""
    at_least: tuple[Callable[[Rule], int], ...] = (
        lambda rule: rule.max_parcels,
        lambda rule: rule.late_days,
        lambda rule: rule.allow_quantity_split,
        lambda rule: not rule.complete_only,
    )
    return (
        is_looser(earlier.filters, later.filters)
        and _in_force_whenever(earlier.calendar, later.calendar)
        and _splits_whatever(earlier, later)
        and all(value(earlier) >= value(later) for value in at_least)
    )


def _in_force_whenever(earlier: RuleCalendar, later: RuleCalendar) -> bool:
    return set(later.weekdays) <= set(earlier.weekdays) and earlier.start <= later.start and earlier.end >= later.end


def _splits_whatever(earlier: Rule, later: Rule) -> bool:
    """Whether the earlier rule keeps together no order that the later one would split."""
    if earlier.no_split_below is None or later.max_parcels == 1:
        return True
    return later.no_split_below is not None and earlier.no_split_below <= later.no_split_below


def _cannot_matter(rule_set: RuleSet, rule: Rule, points: list[LintedPoint]) -> Iterator[Finding]:
    """Objectives that are the same whatever is planned, in today's network. Those left at their usual weight
    say nothing about what the author meant."""
    usual = Objectives()
    weighed = [
        name
        for name in Objectives.__dataclass_fields__
        if getattr(rule.objectives, name) and getattr(rule.objectives, name) != getattr(usual, name)
    ]
    for name in weighed:
        why = _why_idle(name, rule_set, rule, points)
        if why:
            told = _("%(objective)s is weighed, but %(why)s.") % {"objective": name, "why": why}
            yield Finding(rule.name, "objective_cannot_matter", told)


def _why_idle(name: str, rule_set: RuleSet, rule: Rule, points: list[LintedPoint]) -> str:
    if name == "extra_parcel" and rule.max_parcels == 1:
        return _("it plans one parcel only")
    if len(points) == 1 or rule.filters.destination_only:
        return _("only one stock point can be planned")
    modes = rule_set.applies_to.modes
    if name in ("transport", "carbon_per_kg") and modes and OWN_STOCK_MODES.issuperset(modes):
        return _("nothing is transported for these orders")
    if name == "priority" and _is_one({point.priority for point in points}):
        return _("its stock points all have the same priority")
    if name == "handling" and rule.max_parcels == 1 and _is_one({point.handling_cost for point in points}):
        return _("its stock points all have the same handling cost")
    if name == "scarcity" and points and not any(point.kind in SHOP_KINDS for point in points):
        return _("none of its stock points is a store")
    if name == "decline" and rule.max_parcels == 1 and _is_one({point.decline_percent for point in points}):
        return _("its stock points are all expected to decline as often")
    return _why_worthless(name)


def _is_one(values: set[object] | set[int] | set[Decimal]) -> bool:
    return len(values) == 1


def _why_worthless(name: str) -> str:
    """Objectives that rest on a value of the settings."""
    values = settings.SOURCING_VALUATION
    resting = {
        "ageing": ("markdown_share",),
        "scarcity": ("scarce_share", "last_unit_share"),
        "decline": ("decline_cost",),
    }.get(name, ())
    if resting and not any(Decimal(values[each]) for each in resting):
        return _("the settings give it no value")
    return ""


def gaps(rules: tuple[Rule, ...]) -> list[int]:
    """The weekdays (1 is Monday) with a moment at which no rule is in force."""
    found = []
    for day in ALL_WEEKDAYS:
        reached = 0
        for start, end in sorted((r.calendar.start, r.calendar.end) for r in rules if day in r.calendar.weekdays):
            reached = max(reached, end) if start <= reached else reached
        if reached < END_OF_DAY:
            found.append(day)
    return found
