"""The days of a lane beside what was learned of the preparation before it: what is enough for both together.

A promise counts the preparation at its quantile, so that milestones have a moment, and then days on the road. Were
those a quantile of their own, both together would be kept in another share of cases than was chosen: mostly in more,
because a parcel is seldom late on both, in less where one delay in ten eats up every spare day. So the days after a
preparation of `taken` minutes are

    days(c) = the least d with  sum over m of P(preparation = m) x P(transit <= d - late(m))  >=  c

the quantile of the sum (the two taken as independent), less what the preparation at its own quantile has already.
`late(m)` tells in working days of the service how much later than after `taken` minutes a parcel leaves that was
prepared in m, from the length of the stock point's days:

    m > taken   ceil((m - taken) / its shortest day  x  max(1, working days / open days))
    m < taken  -floor((taken - m) / its longest day  x  min(1, working days / open days))

Both round to the later side. A time without evidence is its configured value, for certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.learning import SHARES, one_after_the_other, quantiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from oms.sourcing.facts import WorkCalendar

    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]

_MASSES = np.diff(np.array(SHARES), prepend=0.0)
_WHOLE_DAY = 1440


@dataclass(frozen=True, slots=True)
class Week:
    """How a stock point works: opening minutes of its shortest and its longest day, and the days it opens."""

    shortest: int
    longest: int
    open_days: int


@dataclass(frozen=True, slots=True)
class Preparation:
    """What was learned of one: minutes at each of `SHARES`, and those that a promise counts (`taken`)."""

    spread: tuple[int, ...]
    taken: int
    week: Week


def week_of(calendar: WorkCalendar) -> Week:
    """Of the weekdays on which it opens; a stock point that never opens is taken for one that always does."""
    lengths = [sum(closes - opens for opens, closes in day) for day in calendar.opening_hours]
    lengths = [length for length in lengths if length] or [_WHOLE_DAY] * 7
    return Week(min(lengths), max(lengths), len(lengths))


def chances_of(spread: Sequence[int], horizon: int) -> Real:
    """The chances of each number of steps below `horizon`, from a time kept at `SHARES`."""
    steps = np.minimum(np.asarray(spread), horizon - 1)
    return np.bincount(steps, _MASSES, horizon).astype(np.float64)


def spread_of(chances: Real) -> tuple[int, ...]:
    """A time as it is kept: the least number of steps that is enough at each of `SHARES`."""
    return tuple(int(quantiles(chances, share)) for share in SHARES)


def days_after(
    preparations: Sequence[Preparation], transit: Sequence[int], *, working_days: int, confidence: float
) -> Whole:
    """Working days on the road that are enough after each preparation; `transit` as days at `SHARES`,
    `working_days` of the service in a week."""
    late = np.array([_late(each, working_days) for each in preparations], dtype=np.int64)
    before = -min(int(late.min()), 0)
    horizon = before + max(int(late.max()), 0) + max(transit) + 1
    rows = np.arange(len(late))[:, None] * horizon + late + before
    masses = np.broadcast_to(_MASSES, late.shape)
    firsts: Real = (
        np.bincount(rows.ravel(), masses.ravel(), len(late) * horizon).astype(np.float64).reshape(len(late), horizon)
    )
    together = one_after_the_other(firsts, chances_of(transit, horizon))
    found: Whole = np.maximum(quantiles(together, confidence) - before, 0)
    return found


def _late(preparation: Preparation, working_days: int) -> Whole:
    """Working days by which each of `SHARES` leaves later than what a promise counts; below 0: earlier."""
    more = np.array(preparation.spread) - preparation.taken
    pace = working_days / preparation.week.open_days
    found: Whole = np.where(
        more > 0,
        np.ceil(more / preparation.week.shortest * max(1.0, pace) - 1e-9),
        -np.floor(-more / preparation.week.longest * min(1.0, pace) + 1e-9),
    ).astype(np.int64)
    return found
