"""When goods are ready, handed over and delivered.

Opening hours are wall-clock times of the stock point; they become instants before anything is added or
compared, so a day of 23 or 25 hours changes nothing else. Everything is monotone: a later order is
never ready, handed over or delivered earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from oms.sourcing.carriers import PickUps
from oms.sourcing.facts import Opening, WorkCalendar

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON_DAYS = 400
ONE_DAY = timedelta(days=1)
# The day in bands of so many hours from local midnight: what is learned of an order's hour is told by band.
BAND_HOURS = 4
BANDS = 24 // BAND_HOURS


class Collecting(Protocol):
    """When a service collects and delivers: `cut_off` in minutes after local midnight."""

    @property
    def cut_off(self) -> int | None: ...

    @property
    def working_days(self) -> tuple[int, ...]: ...

    @property
    def closed_on(self) -> tuple[date, ...]: ...


@dataclass(frozen=True, slots=True)
class HandOver:
    """`ships_on` in the stock point's zone, the instants in UTC."""

    ready_at: datetime
    ships_on: date
    handed_over_at: datetime


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def minutes_of(clock: str | time) -> int:
    """Minutes after midnight of `HH:MM` (`24:00` is the end of the day) or of a time."""
    if isinstance(clock, time):
        return clock.hour * 60 + clock.minute
    hours, _, minutes = clock.partition(":")
    total = int(hours) * 60 + int(minutes)
    if len(minutes) != 2 or not 0 <= int(minutes) < 60 or not 0 <= total <= 1440:
        raise ValueError(f"{clock!r} is not a time of day")
    return total


def work_calendar(
    opening_hours: Mapping[str, Sequence[Sequence[str]]] | None = None,
    closed_on: Iterable[date] = (),
    cut_off: str | time | None = None,
) -> WorkCalendar:
    """The calendar of a stock point from its configuration.

    Empty hours mean open always; otherwise a weekday that is absent is closed. ValueError where an
    opening ends before it starts, or two overlap.
    """
    if unknown := set(opening_hours or ()) - set(WEEKDAYS):
        raise ValueError(f"{sorted(unknown)} are not weekdays")
    week = tuple(_openings((opening_hours or {}).get(day, ())) for day in WEEKDAYS) if opening_hours else ()
    return WorkCalendar(
        opening_hours=week,
        closed_on=tuple(sorted(set(closed_on))),
        cut_off=None if cut_off is None else minutes_of(cut_off),
    )


def _openings(spans: Sequence[Sequence[str]]) -> tuple[Opening, ...]:
    found = sorted((minutes_of(start), minutes_of(end)) for start, end in spans)
    edges = [edge for span in found for edge in span]
    if any(start == end for start, end in found) or edges != sorted(edges):
        raise ValueError(f"the openings {found} end before they start, or overlap")
    return tuple(found)


def wall_clock(day: date, minutes: int, at: ZoneInfo) -> datetime:
    """The instant of a wall-clock time; one that a change of clocks skips is the change itself or
    shortly after, one that happens twice is its first."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 (the zone is attached below)
    return (midnight + timedelta(minutes=minutes)).replace(tzinfo=at).astimezone(UTC)


def is_open_on(calendar: WorkCalendar, day: date) -> bool:
    if day in calendar.closed_on:
        return False
    return not calendar.opening_hours or bool(calendar.opening_hours[day.weekday()])


def openings_on(calendar: WorkCalendar, day: date) -> tuple[Opening, ...]:
    if day in calendar.closed_on:
        return ()
    return calendar.opening_hours[day.weekday()] if calendar.opening_hours else ((0, 1440),)


def opening_hour(calendar: WorkCalendar, at: ZoneInfo, now: datetime) -> tuple[date, int] | None:
    """The day and hour (0 to 23), by the stock point's own clock, in which work that comes now is begun: this hour
    while it is open, else the one in which it opens next. None where it does not open any more."""
    local = now.astimezone(at)
    minute = local.hour * 60 + local.minute
    for offset in range(HORIZON_DAYS):
        day = local.date() + timedelta(days=offset)
        for opens, closes in openings_on(calendar, day):
            if offset or minute < closes:
                return day, max(opens, 0 if offset else minute) // 60
    return None


def is_working_day(service: Collecting, day: date) -> bool:
    return day.isoweekday() in service.working_days and day not in service.closed_on


def received_at(calendar: WorkCalendar, at: ZoneInfo, now: datetime) -> datetime:
    """When work on an order can begin, hours aside: now, or tomorrow once the cut-off has passed."""
    today = now.astimezone(at).date()
    if calendar.cut_off is None or now <= wall_clock(today, calendar.cut_off, at):
        return now
    return wall_clock(today + ONE_DAY, 0, at)


def ready_at(calendar: WorkCalendar, at: ZoneInfo, now: datetime, preparation: timedelta) -> datetime | None:
    """When the goods are prepared, counting only opening hours; None if it does not open in time."""
    start = received_at(calendar, at, now)
    first = start.astimezone(at).date()
    remaining = preparation
    for offset in range(HORIZON_DAYS):
        day = first + timedelta(days=offset)
        for opens, closes in openings_on(calendar, day):
            begin, end = max(start, wall_clock(day, opens, at)), wall_clock(day, closes, at)
            if end <= begin:
                continue
            if begin + remaining <= end:
                return begin + remaining
            remaining -= end - begin
    return None


def prepared_at(calendar: WorkCalendar, at: ZoneInfo, now: datetime, minutes: Sequence[int]) -> datetime | None:
    """When the goods are prepared, where that takes `minutes`: one number, or one for each band of the day in
    which the order comes.

    Whoever ordered before is ready before: where an earlier band takes longer, its last order comes first.
    """
    if len(minutes) == 1:
        return ready_at(calendar, at, now, timedelta(minutes=minutes[0]))
    latest = None
    taken = -1
    for moment, band in _latest_orders(at, now):
        # The same time, or less, for an order that came before is over before.
        if minutes[band] > taken:
            taken = minutes[band]
            found = ready_at(calendar, at, moment, timedelta(minutes=taken))
            if found is None:
                return None
            latest = found if latest is None else max(latest, found)
    return latest


def _latest_orders(at: ZoneInfo, now: datetime) -> list[tuple[datetime, int]]:
    """The latest moment up to `now` of each band of the day, the present band first."""
    today = now.astimezone(at).date()
    starts = [
        (wall_clock(day, band * BAND_HOURS * 60, at), band)
        for day in (today - ONE_DAY, today, today + ONE_DAY)
        for band in range(BANDS)
    ]
    past = [each for each in sorted(starts) if each[0] <= now][-BANDS:]
    ends = [start for start, _ in past[1:]] + [now]
    return [(end, band) for end, (_, band) in zip(ends, past, strict=True)][::-1]


def pick_ups_on(
    calendar: WorkCalendar, at: ZoneInfo, service: Collecting, pick_ups: PickUps, day: date
) -> list[datetime]:
    """When the service collects at a stock point that has pick-up times of its own, in the order of the moments:
    also on a weekday on which it delivers nowhere, never on its holidays nor where the doors stay closed."""
    if day in service.closed_on or not is_open_on(calendar, day):
        return []
    return sorted(wall_clock(day, minutes, at) for minutes in pick_ups[day.weekday()])


def hand_over(
    calendar: WorkCalendar, at: ZoneInfo, service: Collecting, ready: datetime, pick_ups: PickUps = ()
) -> HandOver | None:
    """The first day on which the service collects and the stock point is open, and the moment.

    With a cut-off the service collects at that time, what is ready later waits for its next day. Where the stock
    point has pick-up times of its own, those count, and what is ready later waits for the next of them.
    """
    first = ready.astimezone(at).date()
    if pick_ups:
        days = (first + timedelta(days=offset) for offset in range(HORIZON_DAYS))
        moments = (moment for day in days for moment in pick_ups_on(calendar, at, service, pick_ups, day))
        found = next((moment for moment in moments if moment >= ready), None)
        return None if found is None else HandOver(ready, found.astimezone(at).date(), found)
    if service.cut_off is not None and ready > wall_clock(first, service.cut_off, at):
        first += ONE_DAY
    for offset in range(HORIZON_DAYS):
        day = first + timedelta(days=offset)
        if is_working_day(service, day) and is_open_on(calendar, day):
            opens = wall_clock(day, openings_on(calendar, day)[0][0], at)
            collected = opens if service.cut_off is None else wall_clock(day, service.cut_off, at)
            return HandOver(ready, day, max(ready, opens, collected))
    return None


def delivered_on(service: Collecting, destination: ZoneInfo, handed_over: datetime, days: int) -> date:
    """The date of delivery at the destination: that many working days after the hand-over, counted
    from the date there; never a day on which the service does not work."""
    day = handed_over.astimezone(destination).date()
    remaining = days
    while remaining > 0:
        day += ONE_DAY
        remaining -= is_working_day(service, day)
    return first_working_day(service, day)


def first_working_day(service: Collecting, day: date) -> date:
    while not is_working_day(service, day):
        day += ONE_DAY
    return day


def first_open_day(calendar: WorkCalendar, day: date) -> date | None:
    """That day or the first after it on which the stock point is open."""
    days = (day + timedelta(days=offset) for offset in range(HORIZON_DAYS))
    return next((found for found in days if is_open_on(calendar, found)), None)


def order_by(
    calendar: WorkCalendar,
    at: ZoneInfo,
    service: Collecting,
    now: datetime,
    minutes: Sequence[int],
    pick_ups: PickUps = (),
) -> datetime | None:
    """The last minute at which an order still ships on the same day as one placed now; `minutes` of preparation
    as `prepared_at` takes them.

    None where that lies more than two weeks ahead, or nothing ships at all.
    """

    def ships_on(moment: datetime) -> date | None:
        ready = prepared_at(calendar, at, moment, minutes)
        handed = hand_over(calendar, at, service, ready, pick_ups) if ready else None
        return handed.ships_on if handed else None

    goal = ships_on(now)
    return None if goal is None else last_minute(ships_on, goal, now)


def last_minute(day_of: Callable[[datetime], date | None], goal: date, now: datetime) -> datetime | None:
    """The last minute that still has the day of `now`, which is `goal`; days never go back.

    None where it lies more than two weeks ahead.
    """
    low, high = 0, 14 * 24 * 60
    if day_of(now + timedelta(minutes=high)) == goal:
        return None
    start = now.replace(second=0, microsecond=0)
    while high - low > 1:
        middle = (low + high) // 2
        if day_of(start + timedelta(minutes=middle)) == goal:
            low = middle
        else:
            high = middle
    return max(now, start + timedelta(minutes=low))
