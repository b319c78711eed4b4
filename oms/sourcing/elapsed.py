"""How much working time has passed between moments, for many cases at once: the measure of learned times.

The inverse of `calendars`: what took so long, counted as a promise counts it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.calendars import BAND_HOURS, openings_on, wall_clock

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from oms.sourcing.calendars import Collecting
    from oms.sourcing.facts import WorkCalendar

    Real = NDArray[np.float64]
    Whole = NDArray[np.int64]

DAY_S = 86400


def opening_minutes(calendar: WorkCalendar, at: ZoneInfo, begun: Real, ended: Real) -> Real:
    """Minutes of opening time from the moment an order counts (its cut-off observed) to its end; moments in
    seconds since 1970."""
    if not len(begun):
        return np.zeros(0)
    days = _days(at, float(begun.min()), float(ended.max()))
    edges: list[float] = []
    for day in days:
        for opens, closes in openings_on(calendar, day):
            start, end = (wall_clock(day, minutes, at).timestamp() for minutes in (opens, closes))
            if end > start:
                edges += [start, end]
    if not edges:
        return np.zeros(len(begun))
    lengths = np.diff(edges, prepend=edges[0])
    lengths[0::2] = 0  # closed between two openings
    passed = np.cumsum(lengths)
    counts = _counts_from(calendar, at, days, begun)
    worked: Real = (np.interp(ended, edges, passed) - np.interp(counts, edges, passed)) / 60
    return np.maximum(worked, 0)


def _counts_from(calendar: WorkCalendar, at: ZoneInfo, days: list[date], begun: Real) -> Real:
    """As `calendars.received_at`: what comes after the cut-off counts from the next day."""
    if calendar.cut_off is None:
        return begun
    midnights = np.array([wall_clock(day, 0, at).timestamp() for day in days])
    cut_offs = np.array([wall_clock(day, calendar.cut_off, at).timestamp() for day in days])
    today = np.searchsorted(midnights, begun, side="right") - 1
    tomorrow = midnights[np.minimum(today + 1, len(midnights) - 1)]
    return np.where(begun > cut_offs[today], tomorrow, begun)


def _days(at: ZoneInfo, first: float, last: float) -> list[date]:
    """Every day between two moments there, and two more on either side."""
    start = datetime.fromtimestamp(first, tz=UTC).astimezone(at).date() - timedelta(days=2)
    end = datetime.fromtimestamp(last, tz=UTC).astimezone(at).date() + timedelta(days=2)
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]


def bands_of(at: ZoneInfo, moments: Real) -> Whole:
    """The band of the day, there, of each moment in seconds since 1970."""
    return (local_seconds(at, moments) % DAY_S // (BAND_HOURS * 3600)).astype(np.int64)


def local_seconds(at: ZoneInfo, moments: Real) -> Real:
    """Wall-clock time as seconds since 1970: offsets are looked up once an hour, which is as often as they change."""
    hours, where = np.unique(np.floor(moments / 3600), return_inverse=True)
    offsets = [datetime.fromtimestamp(hour * 3600, tz=UTC).astimezone(at).utcoffset() for hour in hours]
    seconds = np.array([offset.total_seconds() if offset else 0.0 for offset in offsets])
    found: Real = moments + seconds[where]
    return found


def transit_days(service: Collecting, handed_over: Whole, delivered: Whole) -> Whole:
    """The fewest days with which `calendars.delivered_on` would have promised the day of delivery, or a later one;
    dates as days since 1970."""
    week = [day in service.working_days for day in range(1, 8)]
    closed = np.array(sorted(service.closed_on), dtype="datetime64[D]")
    left = handed_over.astype("datetime64[D]")
    came = np.busday_offset(delivered.astype("datetime64[D]"), 0, roll="forward", weekmask=week, holidays=closed)
    days = np.busday_count(left + 1, came + 1, weekmask=week, holidays=closed)
    # From a day off, the first working day takes none.
    is_off = ~np.is_busday(left, weekmask=week, holidays=closed)
    found: Whole = np.maximum(np.where(is_off & (days == 1), 0, days), 0)
    return found


def under_way_at(begun: Real, ended: Real, of: Whole, moments: Real, asked: Whole) -> Whole:
    """How many other cases of the same owner were under way at each moment: begun before it and not ended.
    `of` and `asked` number the owners of the cases and of the moments; a case that runs has ended at infinity."""
    low = min(float(begun.min(initial=0)), float(moments.min(initial=0)))
    finite = ended[np.isfinite(ended)]
    span = max(float(begun.max(initial=0)), float(finite.max(initial=0)), float(moments.max(initial=0))) - low + 2

    def before(times: Real, owners: Whole) -> Whole:
        keys = np.sort(owners * span + np.minimum(times - low, span - 1))
        first = np.searchsorted(keys, asked * span, side="left")
        found: Whole = np.searchsorted(keys, asked * span + (moments - low), side="left") - first
        return found

    return before(begun, of) - before(ended, of)
