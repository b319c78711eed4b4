"""Preparation and transit together are enough in the share of cases that was chosen: neither more nor less."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.sourcing.calendars import work_calendar
from oms.sourcing.learned_sums import Preparation, Week, chances_of, days_after, spread_of, week_of
from oms.sourcing.learning import SHARES, one_after_the_other, quantile, quantiles

ALWAYS = Week(shortest=1440, longest=1440, open_days=7)
ONE_DAY = 1440


def at_shares(values: list[tuple[float, int]]) -> tuple[int, ...]:
    """`values`: up to which share of cases it takes how long."""
    return tuple(next(value for share, value in values if kept <= share + 1e-9) for kept in SHARES)


def days(preparation: Preparation, transit: tuple[int, ...], confidence: float = 0.9, working_days: int = 7) -> int:
    return int(days_after([preparation], transit, working_days=working_days, confidence=confidence)[0])


def test_a_preparation_that_is_seldom_slow_leaves_days_for_the_road() -> None:
    # Nine times in ten at once, else three days; the road one day, once in ten three.
    slow = at_shares([(0.7, 0), (1, 3 * ONE_DAY)])
    road = at_shares([(0.7, 1), (1, 3)])
    counted = Preparation(slow, taken=3 * ONE_DAY, week=ALWAYS)
    # Each at its quantile were six days in all. Within four both are kept in 0.91 of cases (all but slow and slow).
    assert days(counted, road) == 1
    assert days(counted, road, confidence=0.95) == 3


def test_two_quantiles_in_a_row_may_be_kept_less_often_than_each() -> None:
    fails = at_shares([(0.9, 0), (1, 30 * ONE_DAY)])
    road = at_shares([(0.9, 1), (1, 5)])
    assert days(Preparation(fails, taken=0, week=ALWAYS), road) == 5


def test_what_is_certain_changes_nothing() -> None:
    road = at_shares([(0.5, 1), (0.9, 2), (1, 6)])
    for minutes in (0, 90, 5000):
        assert days(Preparation((minutes,) * len(SHARES), minutes, ALWAYS), road) == 2


def test_days_of_the_shop_are_counted_as_days_of_the_service() -> None:
    shop = week_of(work_calendar({day: [["10:00", "19:00"]] for day in ("tue", "wed", "thu", "fri", "sat", "sun")}))
    assert shop == Week(540, 540, 6)
    early = at_shares([(0.9, 0), (1, 6 * 540)])
    road = at_shares([(0.85, 2), (1, 9)])
    counted = Preparation(early, taken=6 * 540, week=shop)
    # Six opening days before what is counted are five days of a service that works five: nine at once fit in four.
    assert days(counted, road, confidence=0.89, working_days=5) == 4
    assert days(counted, road, confidence=0.89, working_days=6) == 3
    assert week_of(work_calendar()) == ALWAYS


SPREADS = st.lists(st.integers(0, 12), min_size=len(SHARES), max_size=len(SHARES)).map(sorted)


@given(first=SPREADS, second=SPREADS, taken=st.integers(0, 12), confidence=st.sampled_from((0.5, 0.8, 0.9, 0.975)))
def test_it_is_the_quantile_of_the_sum(first: list[int], second: list[int], taken: int, confidence: float) -> None:
    horizon = 40
    sums = one_after_the_other(chances_of(first, horizon), chances_of(second, horizon))
    preparation = Preparation(tuple(each * ONE_DAY for each in first), taken * ONE_DAY, ALWAYS)
    found = days(preparation, tuple(second), confidence=confidence)
    assert found == max(quantile(sums, confidence) - taken, 0)


@given(steps=SPREADS)
def test_a_time_survives_being_kept(steps: list[int]) -> None:
    chances = chances_of(steps, 20)
    assert spread_of(chances) == tuple(steps)
    assert chances.sum() == pytest.approx(1)


@given(steps=st.lists(st.floats(0, 1), min_size=3, max_size=30), confidence=st.sampled_from(SHARES))
def test_a_kept_time_is_never_quicker_than_what_was_learned(steps: list[float], confidence: float) -> None:
    weights = np.array(steps) + 1e-3
    chances = weights / weights.sum()
    again = chances_of(spread_of(chances), len(chances))
    assert quantile(again, confidence) >= quantile(chances, confidence)
    assert (np.cumsum(again) <= np.cumsum(chances) + 1e-9).all()


def test_many_in_rows_are_joined_as_each_alone() -> None:
    first = np.array([[0.5, 0.5, 0.0, 0.0], [0.0, 0.25, 0.75, 0.0]])
    second = np.array([0.1, 0.6, 0.3, 0.0])
    both = one_after_the_other(first, second)
    assert both == pytest.approx(np.stack([one_after_the_other(row, second) for row in first]))
    assert both[0] == pytest.approx(np.array([0.05, 0.35, 0.45, 0.15]))
    assert quantiles(both, 0.8).tolist() == [2, 3]
