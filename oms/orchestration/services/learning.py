"""Learning from recorded outcomes how long preparation and transit take, and how busy stock points are.

Everything is worked out again from the facts, as sets: a few statements whatever their number, the rest in
columns (`oms.sourcing.learned_tables`). Twice is harmless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from django.db import connection, models, transaction

from oms.core import clock
from oms.orchestration.models import LearnedPreparation, LearnedTransit, LearningPolicy, OutcomeKind, PointLoad
from oms.orchestration.queries.learning import belief
from oms.orchestration.queries.networks import carrier_services
from oms.orchestration.queries.under_way import UnderWay, parcels_under_way, works_under_way
from oms.sourcing import calendars
from oms.sourcing.calendars import Collecting, work_calendar
from oms.sourcing.elapsed import DAY_S, bands_of, local_seconds, opening_minutes, transit_days, under_way_at
from oms.sourcing.house import SERVICE, house_from_settings
from oms.sourcing.learned_tables import (
    USUAL,
    Learned,
    Preparations,
    Transits,
    learned_preparation,
    learned_transit,
    load_of,
)
from stock.models import StockPoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]

# Older cases weigh next to nothing; beyond so many the newest are looked at.
WINDOW_DAYS, MOST_CASES = 180, 300_000
PREPARED = (OutcomeKind.PACKED, OutcomeKind.READY_FOR_PICKUP)
_ENDED = """
SELECT stock_point_id, extract(epoch FROM began_at)::float8, extract(epoch FROM at)::float8, service, zone
FROM orchestration_runoutcome
WHERE kind = ANY(%(kinds)s::text[]) AND at >= %(since)s AND at <= %(now)s AND began_at <= at
ORDER BY at DESC LIMIT %(most)s
"""


@dataclass(frozen=True)
class _Cases:
    """Ended and running, one entry a case; `ended` is infinite while it runs. Moments in seconds since 1970."""

    point: Whole
    begun: Real
    ended: Real
    lane: Sequence[tuple[str, str]]
    now: float

    @property
    def is_over(self) -> NDArray[np.bool_]:
        return np.isfinite(self.ended)

    @property
    def last_seen(self) -> Real:
        return np.minimum(self.ended, self.now)

    @property
    def age_days(self) -> Real:
        return (self.now - self.begun) / DAY_S


def refresh_learned_times() -> int:
    """Learn the tables again from what has been recorded; how many rows changed."""
    policy = belief().policy
    now = clock.now()
    since = now - timedelta(days=WINDOW_DAYS)
    works = _cases(PREPARED, works_under_way(since=since), since, now)
    parcels = _cases((OutcomeKind.DELIVERED,), parcels_under_way(since=since), since, now)
    points = StockPoint.objects.prefetch_related("groups").in_bulk(
        [int(pk) for pk in np.unique(np.concatenate([works.point, parcels.point]))]
    )
    prepared, usual = _preparation(works, points, policy)
    with transaction.atomic():
        changed = _write(LearnedPreparation, ("stock_point_id", "band", "load"), prepared, now)
        changed += _write(LearnedTransit, ("service", "zone", "stock_point_id"), _transit(parcels, points, policy), now)
        _write_usual(usual)
    refresh_loads()
    return changed


def refresh_loads() -> int:
    """Look again how much work is under way at the stock points of which a usual load is known; how many changed."""
    counted: dict[int, int] = {}
    for work in works_under_way(since=clock.now() - timedelta(days=WINDOW_DAYS)):
        counted[work.stock_point_id] = counted.get(work.stock_point_id, 0) + 1
    rows = list(PointLoad.objects.order_by("stock_point_id"))
    found = load_of(
        np.array([counted.get(row.stock_point_id, 0) for row in rows], dtype=np.float64),
        np.array([row.usual for row in rows], dtype=np.float64),
    )
    changed = [(row, load) for row, load in zip(rows, found.tolist(), strict=True) if row.load != load]
    for row, load in changed:
        row.load = load
    PointLoad.objects.bulk_update([row for row, _ in changed], ["load"])
    return len(changed)


def _cases(kinds: Sequence[str], running: Sequence[UnderWay], since: datetime, now: datetime) -> _Cases:
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, {"kinds": list(kinds), "since": since, "now": now, "most": MOST_CASES})
        rows = cursor.fetchall()
    rows += [(each.stock_point_id, each.began_at.timestamp(), np.inf, each.service, each.zone) for each in running]
    return _Cases(
        point=np.array([row[0] for row in rows], dtype=np.int64),
        begun=np.array([row[1] for row in rows], dtype=np.float64),
        ended=np.array([row[2] for row in rows], dtype=np.float64),
        lane=[(row[3], row[4]) for row in rows],
        now=now.timestamp(),
    )


def _preparation(
    cases: _Cases, points: Mapping[int, StockPoint], policy: LearningPolicy
) -> tuple[list[dict[str, Any]], dict[int, float]]:
    """The rows, and the works that each stock point usually has under way."""
    if not len(cases.point):
        return [], {}
    known, number = np.unique(cases.point, return_inverse=True)
    minutes, band = np.zeros(len(number)), np.zeros(len(number), dtype=np.int64)
    for place, pk in enumerate(known.tolist()):
        of, point = number == place, points[pk]
        at = calendars.zone(point.timezone)
        calendar = work_calendar(point.opening_hours, point.closed_on, point.cut_off)
        minutes[of] = opening_minutes(calendar, at, cases.begun[of], cases.last_seen[of])
        band[of] = bands_of(at, cases.begun[of])
    works = under_way_at(cases.begun, cases.ended, number, cases.begun, number).astype(np.float64)
    usual = np.bincount(number, works) / np.bincount(number)
    groups = {code: place for place, code in enumerate(sorted({_group(points[pk]) for pk in known.tolist()}))}
    learned = learned_preparation(
        Preparations(
            point=number,
            group=np.array([groups[_group(points[pk])] for pk in known.tolist()], dtype=np.int64)[number],
            band=band,
            load=load_of(works, usual[number]),
            minutes=minutes,
            is_over=cases.is_over,
            age_days=cases.age_days,
        ),
        confidence=float(policy.confidence),
        half_life_days=policy.half_life_days,
    )
    rows = [
        {"stock_point_id": int(known[each.key]), "band": each.part, "load": each.load, "minutes": each.value}
        | _evidence(each)
        for each in learned
    ]
    return rows, dict(zip(known.tolist(), usual.tolist(), strict=True))


def _group(point: StockPoint) -> str:
    """Whose times a stock point's lean on: its first group's, else those of its kind."""
    return min((group.code for group in point.groups.all()), default=f"kind:{point.kind}")


def _transit(cases: _Cases, points: Mapping[int, StockPoint], policy: LearningPolicy) -> list[dict[str, Any]]:
    """Days are told apart at the stock point, each service counting those on which it works."""
    services: dict[str, Collecting] = {**carrier_services(), SERVICE: house_from_settings(settings.HOUSE_SERVICE)}
    usable = np.array([service in services and zone != "" for service, zone in cases.lane], dtype=np.bool_)
    if not usable.any():
        return []
    lanes = sorted({lane for lane, is_usable in zip(cases.lane, usable, strict=True) if is_usable})
    names = sorted({service for service, _ in lanes})
    zone_of = {lane: place for place, lane in enumerate(lanes)}
    zone = np.array([zone_of[lane] for lane, is_usable in zip(cases.lane, usable, strict=True) if is_usable])
    service = np.array([names.index(name) for name, _ in lanes], dtype=np.int64)[zone]
    point, begun, ended = cases.point[usable], cases.begun[usable], cases.last_seen[usable]
    left, came = np.zeros(len(zone), dtype=np.int64), np.zeros(len(zone), dtype=np.int64)
    zones = np.array([points[pk].timezone for pk in point.tolist()])
    for name in np.unique(zones).tolist():
        at, of = calendars.zone(name), zones == name
        left[of], came[of] = local_seconds(at, begun[of]) // DAY_S, local_seconds(at, ended[of]) // DAY_S
    days = np.zeros(len(zone), dtype=np.int64)
    for place, code in enumerate(names):
        of = service == place
        days[of] = transit_days(services[code], left[of], came[of])
    known, number = np.unique(point, return_inverse=True)
    learned = learned_transit(
        Transits(service, zone, number, days, cases.is_over[usable], cases.age_days[usable]),
        confidence=float(policy.confidence),
        half_life_days=policy.half_life_days,
    )
    return [
        {
            "service": lanes[each.key][0],
            "zone": lanes[each.key][1],
            "stock_point_id": None if each.part is None else int(known[each.part]),
            "days": each.value,
        }
        | _evidence(each)
        for each in learned
    ]


def _evidence(learned: Learned) -> dict[str, Any]:
    return {"cases": learned.cases, "evidence": round(learned.evidence, 2), "spread": list(learned.spread)}


def _write(model: type[models.Model], key: Sequence[str], rows: Sequence[dict[str, Any]], now: datetime) -> int:
    """Only differences: every write makes the network's readers prepare it again."""
    with connection.cursor() as cursor:
        # One refresh at a time: two would both find the same row missing.
        cursor.execute(f"LOCK TABLE {model._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    stored = {tuple(getattr(row, name) for name in key): row for row in model._default_manager.order_by("pk")}
    new, changed = [], []
    for values in rows:
        row = stored.pop(tuple(values[name] for name in key), None)
        if row is None:
            new.append(model(**values, refreshed_at=now))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in {**values, "refreshed_at": now}.items():
                setattr(row, name, value)
            changed.append(row)
    if stored:
        model._default_manager.filter(pk__in=[row.pk for row in stored.values()]).delete()
    if new:
        model._default_manager.bulk_create(new)
    if changed:
        fields = [name for name in rows[0] if name not in key]
        model._default_manager.bulk_update(changed, [*fields, "refreshed_at"], batch_size=2000)
    return len(new) + len(changed) + len(stored)


def _write_usual(usual: Mapping[int, float]) -> None:
    stored = PointLoad.objects.in_bulk(field_name="stock_point_id")
    PointLoad.objects.exclude(stock_point__in=usual).delete()
    PointLoad.objects.bulk_create(
        PointLoad(stock_point_id=pk, usual=works, load=USUAL) for pk, works in usual.items() if pk not in stored
    )
    changed = [row for pk, row in stored.items() if pk in usual and row.usual != usual[pk]]
    for row in changed:
        row.usual = usual[row.stock_point_id]
    PointLoad.objects.bulk_update(changed, ["usual"])
