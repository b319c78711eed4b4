"""Reading a rule set for what its author probably did not mean. Nothing found here stops publishing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Q

from oms.core.models import User
from oms.orchestration.models import RuleSet as StoredRuleSet
from oms.sourcing.rule_parsing import parse_rule_set
from oms.sourcing.rules import ALL_WEEKDAYS, END_OF_DAY, QUEUE, Filters, OrderConditions, Rule, RuleCalendar, RuleSet
from oms.sourcing.worth import SHOP_KINDS
from stock.models import Banner, Product, SalesChannel, StockPoint, StockPointGroup


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` is the name of the rule it is about, None for the whole set."""

    rule: str | None
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Point:
    code: str
    kind: str
    groups: frozenset[str]
    tags: frozenset[str]
    priority: int


def findings_for(rule_set: RuleSet) -> list[Finding]:
    """Everything found, the set's own conditions first, then rule by rule."""
    found = [*_unknown_conditions(rule_set.applies_to), *_overruled(rule_set), *_overlapping(rule_set)]
    groups = set(StockPointGroup.objects.values_list("code", flat=True))
    points = _active_points()
    codes = set(StockPoint.objects.values_list("code", flat=True))
    for place, rule in enumerate(rule_set.rules):
        found += _unknown(
            rule.name, "stock_point", (*rule.filters.stock_points, *rule.filters.exclude_stock_points), codes
        )
        found += _unknown(rule.name, "group", (*rule.filters.groups_any, *rule.filters.exclude_groups), groups)
        found += _matches_nothing(rule, points)
        found += _cannot_matter(rule, [point for point in points if _passes(rule.filters, point)])
        found += _unreachable(rule, rule_set.rules[:place])
    return [*found, *_without_fallback(rule_set), *_queue_nobody_reads(rule_set)]


def _unknown(rule: str | None, noun: str, named: tuple[str, ...], known: set[str]) -> Iterator[Finding]:
    for code in dict.fromkeys(named):
        if code not in known:
            yield Finding(rule, f"unknown_{noun}", f"There is no {noun.replace('_', ' ')} {code}.")


def _unknown_conditions(conditions: OrderConditions) -> Iterator[Finding]:
    channels = set(SalesChannel.objects.values_list("code", flat=True))
    yield from _unknown(None, "channel", conditions.channels, channels)
    yield from _unknown(None, "banner", conditions.banners, set(Banner.objects.values_list("code", flat=True)))
    if conditions.categories_any:
        sold = Product.objects.filter(category__in=conditions.categories_any)
        yield from _unknown(None, "category", conditions.categories_any, set(sold.values_list("category", flat=True)))


def _overruled(rule_set: RuleSet) -> Iterator[Finding]:
    """Published sets that are asked before this one and take every order it is for."""
    published = StoredRuleSet.objects.filter(published_version__isnull=False).exclude(code=rule_set.code)
    for code, priority, document in published.values_list("code", "priority", "published_version__document"):
        is_first = (priority, code) < (rule_set.priority, rule_set.code)
        conditions = rule_set.to_document()["applies_to"]
        if is_first and document["applies_to"] in (conditions, _ANY_ORDER):
            yield Finding(None, "overruled", f"Rule set {code} is asked first and decides all of these orders.")


_ANY_ORDER = RuleSet(code="any", name="any", rules=()).to_document()["applies_to"]


def _active_points() -> list[_Point]:
    points = StockPoint.objects.filter(is_active=True).prefetch_related("groups")
    return [
        _Point(
            each.code,
            each.kind,
            frozenset(group.code for group in each.groups.all()),
            frozenset(each.tags),
            each.priority,
        )
        for each in points
    ]


def _passes(filters: Filters, point: _Point) -> bool:
    """The filters that configuration alone answers."""
    return (
        (not filters.kinds or point.kind in filters.kinds)
        and (not filters.groups_any or not point.groups.isdisjoint(filters.groups_any))
        and point.groups.isdisjoint(filters.exclude_groups)
        and (not filters.stock_points or point.code in filters.stock_points)
        and point.code not in filters.exclude_stock_points
        and (not filters.tags_any or not point.tags.isdisjoint(filters.tags_any))
        and point.tags.isdisjoint(filters.exclude_tags)
    )


def _matches_nothing(rule: Rule, points: list[_Point]) -> Iterator[Finding]:
    filters = rule.filters
    if filters.destination_only and filters.exclude_destination:
        yield Finding(
            rule.name, "matches_nothing", "Only the destination and never the destination: no stock point is both."
        )
    elif not any(_passes(filters, point) for point in points):
        yield Finding(rule.name, "matches_nothing", "No active stock point passes its filters.")


def _unreachable(rule: Rule, earlier: tuple[Rule, ...]) -> Iterator[Finding]:
    for other in earlier:
        if _always_plans_when(other, rule):
            yield Finding(
                rule.name, "unreachable", f"Whenever it would find a plan, “{other.name}” has found one before."
            )
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
        earlier.filters in (Filters(), later.filters)
        and earlier.calendar in (RuleCalendar(ALL_WEEKDAYS, 0, END_OF_DAY), later.calendar)
        and all(value(earlier) >= value(later) for value in at_least)
    )


def _overlapping(rule_set: RuleSet) -> Iterator[Finding]:
    """Published sets of the same priority that take some of the same orders: only the code tells who is first."""
    published = StoredRuleSet.objects.filter(published_version__isnull=False, priority=rule_set.priority)
    rows = published.exclude(code=rule_set.code).order_by("code").values_list("code", "published_version__document")
    for code, document in rows:
        other = parse_rule_set(document).applies_to
        if other != rule_set.applies_to and other != OrderConditions() and _may_meet(other, rule_set.applies_to):
            first = min(code, rule_set.code)
            yield Finding(
                None,
                "overlaps",
                f"Rule set {code} has the same priority and takes some of the same orders: {first} decides them.",
            )


def _may_meet(one: OrderConditions, other: OrderConditions) -> bool:
    """Whether an order can meet both: no condition of the one shuts out all that the other lets in."""
    lists = ("channels", "channel_kinds", "banners", "modes", "countries")
    shared = ((set(getattr(one, name)), set(getattr(other, name))) for name in lists)
    low = max(each.min_order_value or 0 for each in (one, other))
    highs = [each.max_order_value for each in (one, other) if each.max_order_value is not None]
    prefixes = [(a, b) for a in one.postcode_prefixes for b in other.postcode_prefixes]
    return (
        all(not a or not b or a & b for a, b in shared)
        and all(low <= high for high in highs)
        and (not prefixes or any(a.startswith(b) or b.startswith(a) for a, b in prefixes))
    )


def _cannot_matter(rule: Rule, points: list[_Point]) -> Iterator[Finding]:
    """Objectives that are the same whatever is planned, in today's network."""
    weigh = rule.objectives
    idle = []
    if weigh.extra_parcel and rule.max_parcels == 1:
        idle.append(("extra_parcel", "it plans one parcel only"))
    if weigh.priority and len({point.priority for point in points}) == 1:
        idle.append(("priority", "its stock points all have the same priority"))
    if weigh.scarcity and points and not any(point.kind in SHOP_KINDS for point in points):
        idle.append(("scarcity", "none of its stock points is a store"))
    for name, why in idle:
        yield Finding(rule.name, "objective_cannot_matter", f"{name} is weighed, but {why}.")


def _queue_nobody_reads(rule_set: RuleSet) -> Iterator[Finding]:
    """Orders that wait without an end, and no person whose work it is to look at them."""
    waits = rule_set.when_nothing_fits.action == QUEUE and rule_set.when_nothing_fits.cancel_after_days is None
    readers = Q(is_superuser=True) | Q(groups__name__in=_READERS)
    if waits and not User.objects.filter(readers, is_active=True).exists():
        yield Finding(
            None,
            "queue_nobody_reads",
            "What nothing fits waits in the queue without an end, and nobody of customer service is there to read it.",
        )


_READERS = ("customer_service", "head_office")


def _without_fallback(rule_set: RuleSet) -> Iterator[Finding]:
    if all(rule.complete_only for rule in rule_set.rules):
        yield Finding(
            None,
            "no_fallback",
            "Every rule wants the whole order: if none can serve all of it, nothing of it is sourced "
            f"({rule_set.when_nothing_fits.action}).",
        )
