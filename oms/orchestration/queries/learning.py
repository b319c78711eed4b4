"""What was learned of times, as far as it is used: with evidence, within bounds, where nobody switched it off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from oms.orchestration.models import LearnedPreparation, LearnedTransit, LearningPolicy, Load, PointLoad
from oms.sourcing.calendars import BANDS
from oms.sourcing.carriers import CarrierService
from oms.sourcing.facts import StockPointFacts
from oms.sourcing.house import SERVICE, HouseService
from oms.sourcing.learning import Bounds

LEEWAY_MINUTES, LEEWAY_DAYS = 8 * 60, 5
DaysByZone = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Belief:
    """The policy and the stock points that keep their configured times."""

    policy: LearningPolicy
    configured: frozenset[int]

    @cached_property
    def minutes(self) -> Bounds:
        return self._bounds(LEEWAY_MINUTES)

    @cached_property
    def days(self) -> Bounds:
        return self._bounds(LEEWAY_DAYS)

    def uses(self, stock_point_id: int | None) -> bool:
        return self.policy.is_on and stock_point_id not in self.configured

    def _bounds(self, leeway: int) -> Bounds:
        policy = self.policy
        return Bounds(policy.least_cases, policy.least_percent / 100, policy.most_percent / 100, leeway)

    def minutes_used(self, row: LearnedPreparation, *, configured: int, evidence: float | None = None) -> int:
        """`evidence`: of the whole stock point, where the row is of one hour or load."""
        if not self.uses(row.stock_point_id):
            return configured
        return self.minutes.used(configured, row.minutes, row.evidence if evidence is None else evidence)

    def days_used(self, row: LearnedTransit, *, configured: int, evidence: float | None = None) -> int:
        """`evidence`: of the whole zone, where the row is of one stock point."""
        if not self.uses(row.stock_point_id):
            return configured
        return self.days.used(configured, row.days, row.evidence if evidence is None else evidence)


def belief() -> Belief:
    """As chosen; as it is shipped where nobody has chosen yet."""
    policy = LearningPolicy.objects.prefetch_related("stock_points").filter(pk=1).first()
    if policy is None:
        return Belief(LearningPolicy(), frozenset())
    return Belief(policy, frozenset(point.pk for point in policy.stock_points.all()))


def with_learned_minutes(points: Mapping[int, StockPointFacts], believed: Belief) -> list[StockPointFacts]:
    """The same stock points, with what was learned of their preparation at their present load."""
    rows: dict[int, list[LearnedPreparation]] = defaultdict(list)
    if believed.policy.is_on:
        for row in LearnedPreparation.objects.filter(stock_point__in=points).order_by("pk"):
            rows[row.stock_point_id].append(row)
    loads = dict(PointLoad.objects.filter(stock_point__in=rows).values_list("stock_point", "load")) if rows else {}
    return [
        replace(point, learned_minutes=_minutes(point, rows[pk], loads.get(pk, Load.USUAL), believed))
        if rows.get(pk)
        else point
        for pk, point in points.items()
    ]


def _minutes(
    point: StockPointFacts, rows: Iterable[LearnedPreparation], load: int, believed: Belief
) -> tuple[int, ...]:
    """For each band the narrowest that is known; one number where they are all the same."""
    by_key = {(row.band, row.load): row for row in rows}
    whole = by_key.get((None, None))
    if whole is None or not believed.uses(whole.stock_point_id):
        return ()
    if whole.evidence < believed.minutes.least_evidence:
        return ()
    narrowest = (by_key.get((band, load)) or by_key.get((band, None)) or whole for band in range(BANDS))
    configured = point.preparation_minutes
    found = tuple(believed.minutes_used(row, configured=configured, evidence=whole.evidence) for row in narrowest)
    return found[:1] if len(set(found)) == 1 else found


def with_learned_days(
    services: Iterable[CarrierService], house: HouseService, codes: Mapping[int, str], believed: Belief
) -> tuple[tuple[CarrierService, ...], HouseService]:
    """The same services, with what was learned of their transit to each zone and from each of these points."""
    services = tuple(services)
    if not believed.policy.is_on:
        return services, house
    rows: dict[tuple[str, str], list[LearnedTransit]] = defaultdict(list)
    for row in LearnedTransit.objects.order_by("pk"):
        rows[row.service, row.zone].append(row)
    configured = {service.code: service.transit_days for service in services}
    configured[SERVICE] = house_days(house)
    learned: dict[str, dict[str, Mapping[str, int]]] = defaultdict(dict)
    for (service, zone), known in rows.items():
        if zone in configured.get(service, {}):
            days = _days(known, configured[service][zone], codes, believed)
            if days:
                learned[service][zone] = days
    return (
        tuple(
            replace(service, learned_days=learned[service.code]) if service.code in learned else service
            for service in services
        ),
        replace(house, learned_days=learned[SERVICE]) if SERVICE in learned else house,
    )


def _days(
    rows: Iterable[LearnedTransit], configured: int, codes: Mapping[int, str], believed: Belief
) -> Mapping[str, int]:
    """By stock point, "" for those without evidence of their own."""
    by_point = {row.stock_point_id: row for row in rows}
    whole = by_point.pop(None, None)
    if whole is None or whole.evidence < believed.days.least_evidence:
        return {}
    found = {"": believed.days_used(whole, configured=configured)}
    for pk, row in by_point.items():
        if pk is not None and pk in codes:
            found[codes[pk]] = believed.days_used(row, configured=configured, evidence=whole.evidence)
    found |= {codes[pk]: configured for pk in believed.configured if pk in codes}
    return found


def house_days(house: HouseService) -> dict[str, int]:
    """Configured days of the house by zone, the express ones among them."""
    return {
        zone: bracket.days
        for each in (house, house.for_express())
        for zone, bracket in zip(each.zones, each.transit, strict=True)
    }
