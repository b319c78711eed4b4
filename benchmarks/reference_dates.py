"""When a parcel would come, for the reference: the clock is walked minute by minute, day by day.

Slow and plain on purpose, and written from the public words only: a stock point prepares during its opening
hours, hands over to a service on a day on which both work, and the service delivers after its working days.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from oms.sourcing.facts import WorkCalendar

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FAR = 60


class Rounds(NamedTuple):
    """When a service collects and delivers. `own`: the minutes at which it comes to this very stock point, Monday's
    first; none where it comes as everywhere."""

    cut_off: int | None
    working_days: tuple[int, ...]
    closed_on: tuple[date, ...]
    own: tuple[tuple[int, ...], ...] = ()


def is_open(calendar: WorkCalendar, day: date) -> bool:
    return day not in calendar.closed_on and (
        not calendar.opening_hours or bool(calendar.opening_hours[day.isoweekday() - 1])
    )


def is_open_at(calendar: WorkCalendar, zone: str, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(zone))
    if not is_open(calendar, local.date()):
        return False
    minute = local.hour * 60 + local.minute
    hours = calendar.opening_hours[local.isoweekday() - 1] if calendar.opening_hours else ((0, 1440),)
    return any(opens <= minute < closes for opens, closes in hours)


@lru_cache(maxsize=4096)
def ready_at(calendar: WorkCalendar, zone: str, now: datetime, preparation: int) -> datetime | None:
    """The moment after so many open minutes; None where it does not open within two months."""
    moment, left = now, preparation
    local = now.astimezone(ZoneInfo(zone))
    if calendar.cut_off is not None and local.hour * 60 + local.minute > calendar.cut_off:
        while moment.astimezone(ZoneInfo(zone)).date() == local.date():
            moment += MINUTE
    end = now + FAR * DAY
    while moment < end:
        if is_open_at(calendar, zone, moment):
            if left == 0:
                return moment
            left -= 1
            if left == 0:
                return moment + MINUTE
        moment += MINUTE
    return None


def works(service: Rounds, day: date) -> bool:
    return day.isoweekday() in service.working_days and day not in service.closed_on


def handed_over_at(calendar: WorkCalendar, zone: str, service: Rounds, ready: datetime) -> datetime | None:
    """The moment the service has it: at its cut-off, or as soon as it is ready on a day of both."""
    if service.own:
        return _next_visit(calendar, ZoneInfo(zone), service, ready)
    here = ZoneInfo(zone)
    local = ready.astimezone(here)
    day = local.date()
    if service.cut_off is not None and local.hour * 60 + local.minute > service.cut_off:
        day += DAY
    for _ in range(FAR):
        if works(service, day) and is_open(calendar, day):
            opens = calendar.opening_hours[day.isoweekday() - 1][0][0] if calendar.opening_hours else 0
            clock = max(opens, service.cut_off or 0)
            moment = datetime(day.year, day.month, day.day, tzinfo=here) + timedelta(minutes=clock)
            return max(ready, moment.astimezone(UTC))
        day += DAY
    return None


def _next_visit(calendar: WorkCalendar, here: ZoneInfo, service: Rounds, ready: datetime) -> datetime | None:
    """The first time from then on at which it comes to a stock point that is open that day."""
    day = ready.astimezone(here).date()
    for _ in range(FAR):
        if day not in service.closed_on and is_open(calendar, day):
            midnight = datetime(day.year, day.month, day.day, tzinfo=here)
            for minutes in service.own[day.isoweekday() - 1]:
                moment = (midnight + timedelta(minutes=minutes)).astimezone(UTC)
                if moment >= ready:
                    return moment
        day += DAY
    return None


@lru_cache(maxsize=65_536)
def arrives_on(
    calendar: WorkCalendar,
    zone: str,
    preparation: int,
    now: datetime,
    service: Rounds,
    days: int,
    place_zone: str,
) -> date | None:
    """The day at the destination: so many working days after the hand-over, never on a day off."""
    ready = ready_at(calendar, zone, now, preparation)
    handed = handed_over_at(calendar, zone, service, ready) if ready else None
    if handed is None:
        return None
    day = handed.astimezone(ZoneInfo(place_zone)).date()
    while days > 0 or not works(service, day):
        day += DAY
        days -= works(service, day) and days > 0
    return day


def collected_on(calendar: WorkCalendar, day: date) -> date | None:
    """The first day from this one on which the customer finds the place open."""
    return next((day + n * DAY for n in range(FAR) if is_open(calendar, day + n * DAY)), None)
