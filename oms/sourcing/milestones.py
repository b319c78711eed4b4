"""By when each step must be taken so that a promised date is kept: computed backwards from that date.

    hand over by  the last moment the carrier can be given the parcel (or the shelf its goods) and still be in time
    accept by     that, less the preparation, counting opening hours only
    release by    that, less the time a store has for its answer (or what is left of it), and not after the stock
                  point's cut-off
    confirm by    that, less what sourcing may take

Working days, cut-offs, opening hours and changes of clocks are those by which the date was promised
(`oms.sourcing.calendars`), so a plan that was just made always leaves time for its first step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from oms.sourcing import calendars
from oms.sourcing.calendars import HORIZON_DAYS, ONE_DAY, is_open_on, is_working_day, openings_on, wall_clock
from oms.sourcing.facts import CARRY_OUT, DELIVERED_MODES, EXPRESS
from oms.sourcing.house import HouseService
from oms.sourcing.lanes import lacks_tables

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from oms.sourcing.calendars import Collecting
    from oms.sourcing.carriers import CarrierService, PickUps
    from oms.sourcing.facts import Facts, WorkCalendar

ONE_MINUTE = timedelta(minutes=1)
# Answers are the same for every order of a day from one stock point by one service.
MOST_KNOWN = 20_000


class Dated(Protocol):
    """A parcel with its dates: one of a plan, or one that was given new ones."""

    @property
    def stock_point(self) -> str: ...

    @property
    def service(self) -> str: ...

    @property
    def zone(self) -> str: ...

    @property
    def ready_at(self) -> datetime: ...

    @property
    def promised_on(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Milestones:
    """The last moments, in UTC, in the order in which they come."""

    confirm_by: datetime
    release_by: datetime
    accept_by: datetime
    hand_over_by: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """What lies between an order and its promised date, at one stock point. `service` None: the goods are
    collected where they lie; `transit_days` are the service's working days, `there` the destination's zone;
    `pick_ups` its own times at the stock point."""

    calendar: WorkCalendar
    here: ZoneInfo
    service: Collecting | None
    there: ZoneInfo
    transit_days: int
    preparation: timedelta
    pick_ups: PickUps = ()


def milestones_of(
    facts: Facts, parcel: Dated, *, acceptance: timedelta = timedelta(0), releasing: timedelta = timedelta(0)
) -> Milestones | None:
    """Of one parcel of a plan. The date is the one the customer was given, where the plan is not later than it.

    Preparation and transit are read from the plan itself, so whatever was learned of them counts here too.
    None for what is carried out of the shop, and where the calendar leaves no moment.
    """
    if facts.mode == CARRY_OUT:
        return None
    promised_on = parcel.promised_on if facts.promised_on is None else max(parcel.promised_on, facts.promised_on)
    point = facts.network.by_code[parcel.stock_point]
    here = calendars.zone(point.timezone)
    begun = calendars.received_at(point.calendar, here, facts.now)
    preparation = open_time(point.calendar, here, begun, parcel.ready_at)
    if parcel.stock_point == facts.destination_point:
        work = Work(point.calendar, here, None, here, 0, preparation)
        return _from(facts.now, work, milestones(work, promised_on, acceptance, releasing), releasing)
    there = _zone_there(facts)
    service = facts.network.service(parcel.service)
    own = service.pick_ups_at(parcel.stock_point)
    handed = calendars.hand_over(point.calendar, here, service, parcel.ready_at, own)
    if handed is None:
        return None
    left_on = handed.handed_over_at.astimezone(there).date()
    days = working_days(service, left_on, parcel.promised_on)
    if facts.kept:
        days = min(days, _most_days(facts, service, parcel, otherwise=days))
    work = Work(point.calendar, here, service, there, days, preparation, own)
    return _from(facts.now, work, milestones(work, promised_on, acceptance, releasing), releasing)


def _from(now: datetime, work: Work, found: Milestones | None, releasing: timedelta) -> Milestones | None:
    """Promises count no time for an answer, nor for sourcing: where less is left than these may take, the order is to
    be confirmed and released at once, not before it came."""
    if found is None or found.accept_by < now:
        return found
    # What is prepared already has passed the cut-off, and goes on.
    latest = max(now, before_cut_off(work.calendar, work.here, found.accept_by))
    release_by = max(found.release_by, min(now + releasing, latest))
    return replace(found, release_by=release_by, confirm_by=max(found.confirm_by, release_by - releasing, now))


def _most_days(facts: Facts, service: CarrierService | HouseService, parcel: Dated, *, otherwise: int) -> int:
    """On the road from there, learned or not: a promise that is kept may be of a later day than its plan needs, and
    what lies between is the stock point's. `otherwise` where the place, and so its zone, is a guess."""
    is_guessed = facts.destination is not None and facts.destination.is_degraded
    if is_guessed or lacks_tables(facts):
        return otherwise
    if isinstance(service, HouseService):
        house = service.for_express() if facts.mode == EXPRESS else service
        days = dict(zip(house.zones, (bracket.days for bracket in house.transit), strict=True))
    else:
        days = dict(service.transit_days)
    if parcel.zone not in days:
        return otherwise
    learned = service.learned_days.get(parcel.zone, {})
    return max(days[parcel.zone], learned.get(parcel.stock_point, learned.get("", 0)))


def milestones(work: Work, promised_on: date, acceptance: timedelta, releasing: timedelta) -> Milestones | None:
    """Backwards from the date, in the destination's zone; None where no moment within reach would do."""
    service = work.service
    collects = None if service is None else _Collects(service.cut_off, service.working_days, service.closed_on)
    return _known(
        work.calendar, work.here, collects, work.pick_ups, work.there, work.transit_days, work.preparation, promised_on
    ).after(acceptance, releasing)


@dataclass(frozen=True, slots=True)
class _Collects:
    """The part of a service by which a moment is found, as a key."""

    cut_off: int | None
    working_days: tuple[int, ...]
    closed_on: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class _Limits:
    calendar: WorkCalendar
    here: ZoneInfo
    accept_by: datetime | None
    hand_over_by: datetime | None

    def after(self, acceptance: timedelta, releasing: timedelta) -> Milestones | None:
        if self.accept_by is None or self.hand_over_by is None:
            return None
        asked = latest_start(self.calendar, self.here, self.accept_by, acceptance) if acceptance else self.accept_by
        if asked is None:
            return None
        release_by = before_cut_off(self.calendar, self.here, asked)
        return Milestones(release_by - releasing, release_by, self.accept_by, self.hand_over_by)


@lru_cache(maxsize=MOST_KNOWN)
def _known(
    calendar: WorkCalendar,
    here: ZoneInfo,
    service: _Collects | None,
    pick_ups: PickUps,
    there: ZoneInfo,
    transit_days: int,
    preparation: timedelta,
    promised_on: date,
) -> _Limits:
    if service is None:
        hand_over_by = last_open_moment(calendar, here, promised_on)
    else:
        hand_over_by = latest_hand_over(calendar, here, service, there, transit_days, promised_on, pick_ups)
    accept_by = None if hand_over_by is None else latest_start(calendar, here, hand_over_by, preparation)
    return _Limits(calendar, here, accept_by, hand_over_by)


def latest_hand_over(
    calendar: WorkCalendar,
    here: ZoneInfo,
    service: Collecting,
    there: ZoneInfo,
    days: int,
    promised_on: date,
    pick_ups: PickUps = (),
) -> datetime | None:
    """The last moment by which goods must be ready to be delivered on the promised date or before.

    With a cut-off, or pick-up times of its own, that is the moment the service collects, else the last minute the
    stock point is open.
    """
    for offset in range(-1, HORIZON_DAYS):
        day = promised_on - timedelta(days=offset)
        found = None
        if pick_ups:
            moments = reversed(calendars.pick_ups_on(calendar, here, service, pick_ups, day))
            in_time = (each for each in moments if calendars.delivered_on(service, there, each, days) <= promised_on)
            found = next(in_time, None)
        elif is_working_day(service, day) and is_open_on(calendar, day):
            found = _latest_on(day, calendar, here, service, there, days, promised_on)
        if found is not None:
            return found
    return None


def _latest_on(
    day: date,
    calendar: WorkCalendar,
    here: ZoneInfo,
    service: Collecting,
    there: ZoneInfo,
    days: int,
    promised_on: date,
) -> datetime | None:
    def is_in_time(handed: datetime) -> bool:
        return calendars.delivered_on(service, there, handed, days) <= promised_on

    opens, closes = openings_on(calendar, day)[0][0], openings_on(calendar, day)[-1][1]
    opening = wall_clock(day, opens, here)
    if service.cut_off is not None:
        collected = wall_clock(day, service.cut_off, here)
        return collected if is_in_time(max(collected, opening)) else None
    closing = wall_clock(day, closes, here) - ONE_MINUTE
    # A day here can be two days there: then the end of the first of them is the limit.
    midnight = wall_clock(opening.astimezone(there).date() + ONE_DAY, 0, there) - ONE_MINUTE
    return next((at for at in (closing, min(closing, midnight)) if at >= opening and is_in_time(at)), None)


def last_open_moment(calendar: WorkCalendar, here: ZoneInfo, day: date) -> datetime | None:
    """The last minute the stock point is open on that day, or on the last day before it that it opens."""
    for offset in range(HORIZON_DAYS):
        openings = openings_on(calendar, day - timedelta(days=offset))
        if openings:
            return wall_clock(day - timedelta(days=offset), openings[-1][1], here) - ONE_MINUTE
    return None


def latest_start(calendar: WorkCalendar, here: ZoneInfo, done_by: datetime, work: timedelta) -> datetime | None:
    """The last moment to begin work of that length, done in opening hours only, and be done in time."""
    remaining = work
    # What takes no time still wants an open door, and at closing time it is no longer.
    before_closing = timedelta(0) if work else ONE_MINUTE
    last = done_by.astimezone(here).date()
    for offset in range(HORIZON_DAYS):
        day = last - timedelta(days=offset)
        for opens, closes in reversed(openings_on(calendar, day)):
            begin, end = wall_clock(day, opens, here), min(done_by, wall_clock(day, closes, here) - before_closing)
            if end < begin:
                continue
            if end - remaining >= begin:
                return end - remaining
            remaining -= end - begin
    return None


def before_cut_off(calendar: WorkCalendar, here: ZoneInfo, begin_by: datetime) -> datetime:
    """The last moment an order may arrive for work on it to begin by then: not after the cut-off of that day."""
    if calendar.cut_off is None:
        return begin_by
    return min(begin_by, wall_clock(begin_by.astimezone(here).date(), calendar.cut_off, here))


def open_time(calendar: WorkCalendar, here: ZoneInfo, start: datetime, end: datetime) -> timedelta:
    """How long the stock point is open between two moments."""
    total, day, last = timedelta(0), start.astimezone(here).date(), end.astimezone(here).date()
    while day <= last:
        for opens, closes in openings_on(calendar, day):
            span = min(end, wall_clock(day, closes, here)) - max(start, wall_clock(day, opens, here))
            total += max(span, timedelta(0))
        day += ONE_DAY
    return total


def working_days(service: Collecting, after: date, until: date) -> int:
    """Days the service works, after the first day and up to the last."""
    days = (after + timedelta(days=offset) for offset in range(1, (until - after).days + 1))
    return sum(is_working_day(service, day) for day in days)


def _zone_there(facts: Facts) -> ZoneInfo:
    if facts.mode in DELIVERED_MODES and facts.destination is not None:
        return calendars.zone(facts.destination.timezone)
    point = facts.network.by_code.get(facts.destination_point or "")
    return calendars.zone(point.timezone if point else facts.timezone)
