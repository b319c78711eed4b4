"""What was learned of times, as far as it is used: with evidence, within bounds, where nobody switched it off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from oms.orchestration.models import LearnedPreparation, LearnedTransit, LearningPolicy, Load, PointLoad
from oms.sourcing.calendars import BANDS
from oms.sourcing.carriers import CarrierService
from oms.sourcing.facts import StockPointFacts
from oms.sourcing.house import SERVICE, HouseService
from oms.sourcing.learned_sums import Preparation, days_after, week_of
from oms.sourcing.learning import SHARES, Bounds

LEEWAY_MINUTES, LEEWAY_DAYS = 8 * 60, 5


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


@dataclass(frozen=True)
class LearnedMinutes:
    """`points` as they are promised with; by the code of each of which something is used, `preparations` of its bands
    of the day."""

    points: tuple[StockPointFacts, ...]
    preparations: Mapping[str, Sequence[Preparation]]


def with_learned_minutes(points: Mapping[int, StockPointFacts], believed: Belief) -> LearnedMinutes:
    """The same stock points, with what was learned of their preparation at their present load."""
    rows: dict[int, list[LearnedPreparation]] = defaultdict(list)
    if believed.policy.is_on:
        for row in LearnedPreparation.objects.filter(stock_point__in=points).order_by("pk"):
            rows[row.stock_point_id].append(row)
    loads = dict(PointLoad.objects.filter(stock_point__in=rows).values_list("stock_point", "load")) if rows else {}
    known = {
        point.code: _preparations(point, rows[pk], loads.get(pk, Load.USUAL), believed)
        for pk, point in points.items()
        if rows.get(pk)
    }
    return LearnedMinutes(
        points=tuple(
            replace(point, learned_minutes=_by_band(known[point.code])) if known.get(point.code) else point
            for point in points.values()
        ),
        preparations={code: tuple(dict.fromkeys(found)) for code, found in known.items() if found},
    )


def _preparations(
    point: StockPointFacts, rows: Iterable[LearnedPreparation], load: int, believed: Belief
) -> list[Preparation]:
    """For each band the narrowest that is known; none where the configured minutes are used."""
    by_key = {(row.band, row.load): row for row in rows}
    whole = by_key.get((None, None))
    if whole is None or not believed.uses(whole.stock_point_id):
        return []
    if whole.evidence < believed.minutes.least_evidence:
        return []
    narrowest = (by_key.get((band, load)) or by_key.get((band, None)) or whole for band in range(BANDS))
    configured, week = point.preparation_minutes, week_of(point.calendar)
    return [
        Preparation(
            spread=tuple(
                believed.minutes.used(configured, minutes, whole.evidence) for minutes in _spread(row, row.minutes)
            ),
            taken=believed.minutes_used(row, configured=configured, evidence=whole.evidence),
            week=week,
        )
        for row in narrowest
    ]


def _spread(row: LearnedPreparation | LearnedTransit, value: int) -> Sequence[int]:
    """What was learned before it was kept whole is taken for certain."""
    return row.spread if len(row.spread) == len(SHARES) else [value] * len(SHARES)


def _by_band(preparations: Sequence[Preparation]) -> tuple[int, ...]:
    """One number where they are all the same."""
    found = tuple(each.taken for each in preparations)
    return found[:1] if len(set(found)) == 1 else found


def with_learned_days(
    services: Iterable[CarrierService],
    house: HouseService,
    codes: Mapping[int, str],
    believed: Belief,
    preparations: Mapping[str, Sequence[Preparation]],
) -> tuple[tuple[CarrierService, ...], HouseService]:
    """The same services, with what was learned of their transit to each zone and from each of these points, beside
    what was learned of their preparation."""
    services = tuple(services)
    if not believed.policy.is_on:
        return services, house
    rows: dict[tuple[str, str], list[LearnedTransit]] = defaultdict(list)
    for row in LearnedTransit.objects.order_by("pk"):
        rows[row.service, row.zone].append(row)
    configured = {service.code: service.transit_days for service in services}
    configured[SERVICE] = house_days(house)
    works = {service.code: len(service.working_days) for service in services} | {SERVICE: len(house.working_days)}
    learned: dict[str, dict[str, Mapping[str, int]]] = defaultdict(dict)
    for (service, zone), known in rows.items():
        if zone in configured.get(service, {}):
            lane = _Lane(configured[service][zone], works[service], believed)
            days = _days(known, lane, codes, preparations)
            if days:
                learned[service][zone] = days
    return (
        tuple(
            replace(service, learned_days=learned[service.code]) if service.code in learned else service
            for service in services
        ),
        replace(house, learned_days=learned[SERVICE]) if SERVICE in learned else house,
    )


@dataclass(frozen=True, slots=True)
class _Lane:
    """A zone of a service: its configured days, and how many days a week the service works."""

    configured: int
    working_days: int
    believed: Belief

    def days_after(
        self, row: LearnedTransit, evidence: float, preparations: Mapping[str, Sequence[Preparation]]
    ) -> dict[str, int]:
        """By stock point, the most that any of its preparations needs; within the bounds, as each part is."""
        if not preparations:
            return {}
        believed, bounds = self.believed, self.believed.days
        found = days_after(
            [each for known in preparations.values() for each in known],
            [bounds.used(self.configured, days, evidence) for days in _spread(row, row.days)],
            working_days=self.working_days,
            confidence=float(believed.policy.confidence),
        )
        days: dict[str, int] = {}
        codes = (code for code, known in preparations.items() for _ in known)
        for code, taken in zip(codes, found.tolist(), strict=True):
            days[code] = max(days.get(code, 0), bounds.used(self.configured, taken, evidence))
        return days


def _days(
    rows: Iterable[LearnedTransit],
    lane: _Lane,
    codes: Mapping[int, str],
    preparations: Mapping[str, Sequence[Preparation]],
) -> Mapping[str, int]:
    """By stock point, "" for those without evidence of their own."""
    believed = lane.believed
    by_point = {row.stock_point_id: row for row in rows}
    whole = by_point.pop(None, None)
    if whole is None or whole.evidence < believed.days.least_evidence:
        return {}
    own = {codes[pk]: row for pk, row in by_point.items() if pk is not None and pk in codes}
    alone = believed.days_used(whole, configured=lane.configured)
    found = lane.days_after(
        whole, whole.evidence, {code: known for code, known in preparations.items() if code not in own}
    )
    for code, row in own.items():
        found[code] = believed.days_used(row, configured=lane.configured, evidence=whole.evidence)
        known = preparations.get(code)
        if known:
            found |= lane.days_after(row, whole.evidence, {code: known})
    found |= {codes[pk]: lane.configured for pk in believed.configured if pk in codes}
    return {"": alone} | {code: days for code, days in found.items() if days != alone}


def house_days(house: HouseService) -> dict[str, int]:
    """Configured days of the house by zone, the express ones among them."""
    return {
        zone: bracket.days
        for each in (house, house.for_express())
        for zone, bracket in zip(each.zones, each.transit, strict=True)
    }
