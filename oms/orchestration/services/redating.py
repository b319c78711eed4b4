"""New days for work that is behind: the facts of now, the engine's calendars and lanes. Nothing is written here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.conf import settings

from oms.orchestration.baskets import Basket
from oms.orchestration.deciding import RulesInForce
from oms.orchestration.queries.facts import Gathered, facts_for
from oms.orchestration.queries.rule_sets import deciding
from oms.sourcing import calendars
from oms.sourcing.calendars import ONE_DAY
from oms.sourcing.engine import source
from oms.sourcing.milestones import Milestones, milestones_of
from oms.sourcing.redating import new_dates


@dataclass(frozen=True, slots=True)
class Behind:
    """A stock point's work that goes on from now: its goods as a basket, the service it was planned for."""

    basket: Basket
    stock_point_id: int
    service: str
    is_prepared: bool


@dataclass(frozen=True, slots=True)
class NewDay:
    """`ships_on` in the stock point's zone, `promised_on` in the destination's."""

    service: str
    zone: str
    ready_at: datetime
    ships_on: date
    promised_on: date
    milestones: Milestones | None


def new_days(behind: Sequence[Behind]) -> list[NewDay | None]:
    """For each work, in their order, the day it can be promised for now; None where nothing can be promised.

    As many queries for one as for many of the same sales channel. Raises `UnknownCountry`.
    """
    if not behind:
        return []
    gathered, _ = facts_for([work.basket for work in behind])
    found: list[NewDay | None] = []
    for work, each in zip(behind, gathered, strict=True):
        code = each.known.codes.get(work.stock_point_id, "")
        dates = new_dates(
            each.facts,
            stock_point=code,
            service=work.service,
            is_prepared=work.is_prepared,
            releasing=timedelta(minutes=settings.ORDER_RELEASE_WITHIN_MINUTES),
        )
        found.append(
            NewDay(dates.service, dates.zone, dates.ready_at, dates.ships_on, dates.promised_on, dates.milestones)
            if dates
            else None
        )
    return found


@dataclass(frozen=True, slots=True)
class Awaited:
    """A basket of what has still to come, and of what waits for it. `units`: where they will lie, by line and stock
    point; `on`: the day by whose end they all do."""

    basket: Basket
    units: Mapping[tuple[str, int], int]
    on: date


@dataclass(frozen=True, slots=True)
class AwaitedDay:
    """`promised_on` in the destination's zone; it has to be given to a stock point by `release_by`."""

    promised_on: date
    release_by: datetime | None


def days_of_awaited(awaited: Sequence[Awaited]) -> list[AwaitedDay | None]:
    """For each, in their order, the day it can be promised for, planned as a new promise of it would be; None where
    no rule plans it. As many queries for one as for many of the same sales channel. Raises `UnknownCountry`."""
    if not awaited:
        return []
    gathered, in_force = facts_for([each.basket for each in awaited])
    return [_day_of(each, found, in_force) for each, found in zip(awaited, gathered, strict=True)]


def _day_of(awaited: Awaited, gathered: Gathered, in_force: Sequence[RulesInForce]) -> AwaitedDay | None:
    known = gathered.known
    skus = {line.key: line.sku for line in gathered.facts.lines}
    units: dict[str, Counter[str]] = defaultdict(Counter)
    for (key, stock_point_id), quantity in awaited.units.items():
        if stock_point_id in known.codes:
            units[skus[key]][known.codes[stock_point_id]] += quantity
    zones = {calendars.zone(known.timezones[point]) for _, point in awaited.units if point in known.timezones}
    facts = replace(
        gathered.facts,
        now=max((calendars.wall_clock(awaited.on + ONE_DAY, 0, each) for each in zones), default=gathered.facts.now),
        available=units,
        capacity_left={},
    )
    result = source(facts, deciding(in_force, facts.order).rules)
    if result.unplanned or not result.plan:
        return None
    releasing = timedelta(minutes=settings.ORDER_RELEASE_WITHIN_MINUTES)
    steps = [milestones_of(facts, parcel, releasing=releasing) for parcel in result.plan]
    return AwaitedDay(
        promised_on=max(parcel.promised_on for parcel in result.plan),
        release_by=min((each.release_by for each in steps if each), default=None),
    )
