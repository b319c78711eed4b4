"""What is learned from counts time as a promise does: the same calendars, forwards and backwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.sourcing import calendars
from oms.sourcing.elapsed import bands_of, opening_minutes, transit_days, under_way_at
from oms.sourcing.facts import WorkCalendar
from oms.sourcing.house import HouseService
from oms.sourcing.learning import Bounds
from tests.sourcing.moments import MOMENTS, ZONES, houses, work_calendars

EPOCH = date(1970, 1, 1)


@settings(deadline=None, max_examples=60)
@given(work_calendars(), ZONES, MOMENTS, st.integers(1, 3 * 24 * 60))
def test_what_was_ready_after_so_many_minutes_took_so_many(
    calendar: WorkCalendar, at: ZoneInfo, now: datetime, minutes: int
) -> None:
    ready = calendars.ready_at(calendar, at, now, timedelta(minutes=minutes))
    if ready is None:
        return
    took = opening_minutes(calendar, at, np.array([now.timestamp()]), np.array([ready.timestamp()]))
    assert took[0] == pytest.approx(minutes, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(houses(), st.dates(date(2024, 1, 1), date(2026, 1, 1)), st.integers(0, 30))
def test_the_fewest_days_that_would_have_promised_the_delivery(house: HouseService, left: date, wait: int) -> None:
    came = left + timedelta(days=wait)
    (days,) = transit_days(house, np.array([(left - EPOCH).days]), np.array([(came - EPOCH).days]))
    noon = datetime(left.year, left.month, left.day, 12, tzinfo=UTC)

    def promised(number: int) -> date:
        return calendars.delivered_on(house, ZoneInfo("UTC"), noon, number)

    assert promised(int(days)) >= came
    assert days == 0 or promised(int(days) - 1) < came


def test_hours_are_those_of_the_place_also_when_clocks_change() -> None:
    paris = ZoneInfo("Europe/Paris")
    before, after = (datetime(2025, 3, 30, hour, 30, tzinfo=UTC).timestamp() for hour in (0, 2))
    assert bands_of(paris, np.array([before, after])).tolist() == [0, 1]  # 01:30 and 04:30


def test_work_under_way_is_counted_for_each_point_alone() -> None:
    begun, ended = np.array([0.0, 10.0, 20.0, 5.0]), np.array([15.0, np.inf, 30.0, np.inf])
    of = np.array([0, 0, 0, 1])
    assert under_way_at(begun, ended, of, np.array([12.0, 25.0, 4.0, 6.0]), np.array([0, 0, 1, 1])).tolist() == [
        2,
        2,
        0,
        1,
    ]


def test_a_learned_time_is_believed_within_bounds_and_with_evidence() -> None:
    bounds = Bounds(least_evidence=20, least_share=0.25, most_share=4, leeway=480)
    assert bounds.used(100, 250, evidence=19.9) == 100
    assert bounds.used(100, 250, evidence=20) == 250
    assert bounds.used(100, 5, evidence=50) == 25
    assert bounds.used(100, 9000, evidence=50) == 880
    assert bounds.used(0, 300, evidence=50) == 300
