"""Calendars, zones and moments to try properties of time on, the days when clocks change among them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from oms.sourcing import calendars
from oms.sourcing.calendars import work_calendar
from oms.sourcing.carriers import PickUps
from oms.sourcing.facts import WorkCalendar
from oms.sourcing.house import HouseService

# Zones whose clocks change by an hour, by half an hour, at midnight, and never.
ZONES = st.sampled_from(
    ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut", "Asia/Tokyo"]
).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))


@st.composite
def openings(draw: st.DrawFn) -> list[list[str]]:
    minutes = draw(st.lists(st.integers(0, 1440), min_size=0, max_size=4, unique=True).map(sorted))
    spans = zip(minutes[::2], minutes[1::2], strict=False)
    return [[f"{start // 60:02d}:{start % 60:02d}", f"{end // 60:02d}:{end % 60:02d}"] for start, end in spans]


@st.composite
def work_calendars(draw: st.DrawFn) -> WorkCalendar:
    hours = draw(st.one_of(st.none(), st.fixed_dictionaries({day: openings() for day in calendars.WEEKDAYS})))
    closed = draw(st.lists(st.dates(date(2024, 1, 1), date(2026, 1, 1)), max_size=5))
    cut_off = draw(st.one_of(st.none(), st.times()))
    return work_calendar(hours, closed, cut_off)


@st.composite
def houses(draw: st.DrawFn) -> HouseService:
    return HouseService(
        working_days=tuple(draw(st.sets(st.integers(1, 7), min_size=1))),
        closed_on=tuple(draw(st.lists(st.dates(date(2024, 1, 1), date(2026, 1, 1)), max_size=3))),
        cut_off=draw(st.one_of(st.none(), st.integers(0, 1440))),
    )


def weeks() -> st.SearchStrategy[PickUps]:
    """A stock point's own pick-up times: several a day, at one, or none on some days."""
    day = st.lists(st.integers(0, 1439), max_size=3, unique=True).map(sorted).map(tuple)
    return st.tuples(*[day] * 7).filter(any)


def preparations() -> st.SearchStrategy[list[int]]:
    """Minutes: the same at every hour, or a number for each band of the day."""
    minutes = st.integers(0, 3 * 24 * 60)
    return st.one_of(
        st.lists(minutes, min_size=1, max_size=1),
        st.lists(minutes, min_size=calendars.BANDS, max_size=calendars.BANDS),
    )
