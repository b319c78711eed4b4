"""What is learned of times: quantiles with evidence, decay, shrinkage, and cases that still run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.sourcing.learning import Cases, LearnedTimes, one_after_the_other, quantile

NETWORK, KNOWN, SPARSE, UNKNOWN = 0, 1, 2, 9


def learned(
    steps: list[int], *, lanes: list[int], is_over: list[bool] | None = None, ages: list[float] | None = None
) -> LearnedTimes:
    count = len(steps)
    cases = Cases(
        keys=[np.zeros(count, dtype=np.int64), np.array(lanes, dtype=np.int64)],
        steps=np.array(steps, dtype=np.int64),
        is_over=np.array([True] * count if is_over is None else is_over),
        age_days=np.array([1.0] * count if ages is None else ages),
    )
    return LearnedTimes(cases, horizon=30, half_life_days=60, strength=5)


def at(times: LearnedTimes, lane: int, confidence: float) -> int:
    return quantile(times.chances_of([NETWORK, lane]), confidence)


def test_a_lane_with_evidence_says_its_own_and_one_without_what_the_network_says() -> None:
    times = learned([2] * 200 + [10] * 200 + [2], lanes=[KNOWN] * 200 + [3] * 200 + [SPARSE])
    assert at(times, KNOWN, 0.9) == 2
    assert at(times, 3, 0.9) == 10
    assert at(times, UNKNOWN, 0.9) == 10
    assert at(times, SPARSE, 0.9) == 10  # one quick parcel is no evidence
    assert times.hazards_of([NETWORK, KNOWN])[1] > 190


def test_what_is_long_ago_weighs_less() -> None:
    steps, lanes = [2] * 300 + [6] * 100, [KNOWN] * 400
    assert at(learned(steps, lanes=lanes), KNOWN, 0.7) == 2
    assert at(learned(steps, lanes=lanes, ages=[600.0] * 300 + [1.0] * 100), KNOWN, 0.7) == 6


def test_parcels_still_under_way_are_seen_before_they_arrive() -> None:
    quick, waiting = [2] * 100, [8] * 100
    lanes = [KNOWN] * 200
    blind = learned(quick, lanes=lanes[:100])
    seeing = learned(quick + waiting, lanes=lanes, is_over=[True] * 100 + [False] * 100)
    assert at(blind, KNOWN, 0.8) == 2
    assert at(seeing, KNOWN, 0.8) > 8


def test_two_times_in_a_row_add_up() -> None:
    first, second = np.zeros(30), np.zeros(30)
    first[3], second[4], second[29] = 1, 0.75, 0.25
    both = one_after_the_other(first, second)
    assert (both[7], both[29], both.sum()) == (0.75, 0.25, 1)


@given(
    steps=st.lists(st.integers(0, 40), min_size=1, max_size=40),
    over=st.lists(st.booleans(), min_size=40, max_size=40),
    low=st.floats(0.05, 0.95),
    high=st.floats(0.05, 0.95),
)
def test_chances_add_up_and_more_confidence_never_takes_less_time(
    steps: list[int], over: list[bool], low: float, high: float
) -> None:
    times = learned(steps, lanes=[KNOWN] * len(steps), is_over=over[: len(steps)])
    chances = times.chances_of([NETWORK, KNOWN])
    assert chances.sum() == pytest.approx(1)
    assert (chances >= -1e-12).all()
    assert at(times, KNOWN, min(low, high)) <= at(times, KNOWN, max(low, high))
