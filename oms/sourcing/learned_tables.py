"""Tables of learned times, from what was recorded of many cases: the way from facts to what is promised with.

Preparation is counted in steps of `STEP_MINUTES` of opening time and told for a stock point as a whole, for
each band of the day and each load in it; it leans on the point, the point on its group, the group on the
network. Transit is counted in working days of the service and told for each of its zones, and for a zone as
reached from one stock point; it leans on the zone, the zone on the service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.calendars import BANDS
from oms.sourcing.learning import SHARES, Cases, LearnedTimes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]
    Flags = NDArray[np.bool_]

STEP_MINUTES = 30
# Three days of twenty-four hours, or nine of eight; and eight weeks of five days.
LONGEST_STEPS, LONGEST_DAYS = 144, 40
# How many cases the parent counts as.
PREPARATION_STRENGTH, TRANSIT_STRENGTH = 5.0, 20.0
QUIET, USUAL, BUSY = LOADS = (0, 1, 2)
QUIET_BELOW, BUSY_ABOVE, BUSY_FROM = 0.5, 1.5, 3


@dataclass(frozen=True)
class Preparations:
    """One entry a case; points and groups as numbers from 0. `minutes` of opening time it took, or has taken so far
    where it is not over."""

    point: Whole
    group: Whole
    band: Whole
    load: Whole
    minutes: Real
    is_over: Flags
    age_days: Real


@dataclass(frozen=True)
class Transits:
    """One entry a parcel; services, zones (of all services) and points as numbers from 0. `days` as it took, or has
    taken so far."""

    service: Whole
    zone: Whole
    point: Whole
    days: Whole
    is_over: Flags
    age_days: Real


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned for one key: `value` in minutes or days, and `spread`, the same at each of `SHARES`. `part`
    narrows it, None where nothing does."""

    key: int
    part: int | None
    value: int
    cases: int
    evidence: float
    spread: tuple[int, ...]
    load: int | None = None


def load_of(works: Real, usual: Real) -> Whole:
    """Quiet, usual or busy: works under way beside what there usually is."""
    found: Whole = np.full(len(works), USUAL, dtype=np.int64)
    found[works < QUIET_BELOW * usual] = QUIET
    found[(works > BUSY_ABOVE * usual) & (works >= BUSY_FROM)] = BUSY
    return found


def learned_preparation(cases: Preparations, *, confidence: float, half_life_days: float) -> list[Learned]:
    """By point, then band, then load. Whoever has been at it for longer than is told apart is lost, not late."""
    steps = np.where(
        cases.is_over, np.ceil(cases.minutes / STEP_MINUTES) - 1, np.floor(cases.minutes / STEP_MINUTES)
    ).astype(np.int64)
    known = cases.is_over | (steps < LONGEST_STEPS)
    if not known.any():
        return []
    in_band = cases.point * BANDS + cases.band
    keys = [np.zeros_like(cases.point), cases.group, cases.point, in_band, in_band * len(LOADS) + cases.load]
    times = _times(
        keys, steps, cases.is_over, cases.age_days, known, LONGEST_STEPS, half_life_days, PREPARATION_STRENGTH
    )
    found = []
    for depth in (2, 3, 4):
        level = times.levels[depth]
        minutes = (times.quantiles(depth, (confidence, *SHARES)) + 1) * STEP_MINUTES
        for key, (value, *spread), count, evidence in zip(
            level.known.tolist(), minutes.tolist(), level.cases, level.evidence, strict=True
        ):
            band_key, load = divmod(key, len(LOADS)) if depth == 4 else (key, None)
            point, band = divmod(band_key, BANDS) if depth > 2 else (key, None)
            found.append(Learned(point, band, value, int(count), float(evidence), tuple(spread), load))
    return found


def learned_transit(cases: Transits, *, confidence: float, half_life_days: float) -> list[Learned]:
    """By zone, then the point it is reached from."""
    known = cases.is_over | (cases.days < LONGEST_DAYS)
    if not known.any():
        return []
    points = int(cases.point.max()) + 1
    keys = [cases.service, cases.zone, cases.zone * points + cases.point]
    times = _times(
        keys, cases.days, cases.is_over, cases.age_days, known, LONGEST_DAYS, half_life_days, TRANSIT_STRENGTH
    )
    found = []
    for depth in (1, 2):
        level = times.levels[depth]
        days = times.quantiles(depth, (confidence, *SHARES))
        for key, (value, *spread), count, evidence in zip(
            level.known.tolist(), days.tolist(), level.cases, level.evidence, strict=True
        ):
            zone, point = divmod(key, points) if depth == 2 else (key, None)
            found.append(Learned(zone, point, value, int(count), float(evidence), tuple(spread)))
    return found


def _times(
    keys: Sequence[Whole],
    steps: Whole,
    is_over: Flags,
    age_days: Real,
    known: Flags,
    horizon: int,
    half_life_days: float,
    strength: float,
) -> LearnedTimes:
    cases = Cases([column[known] for column in keys], steps[known], is_over[known], age_days[known])
    return LearnedTimes(cases, horizon=horizon, half_life_days=half_life_days, strength=strength)
