"""How long things take, learned from how long they took: preparing an order, a parcel on its lane.

Time passes in steps (six hours, a day). For every key, say a lane, what is learned is the hazard of each
step: of the cases that had lasted so long, the share that ended in it. A case that still runs counts as one
that has lasted so long already (Kaplan and Meier, "Nonparametric estimation from incomplete observations",
JASA 53, 1958), so a jam is seen while it lasts and not weeks later.

    hazard(key, step) = (ended + strength x hazard(parent, step)) / (lasting + strength)

Both counts decay with the age of a case (half of it after `half_life_days`). Keys form a chain from the
whole network to the narrowest: a key with little evidence says what its parent says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]
    Flags = NDArray[np.bool_]

# The hazard of steps that no case has ever lasted to.
BEYOND = 0.1
# The shares of cases at which a learned time is kept whole, finer in the tail. What lies between two of them counts
# as the upper, so that a time that is put together again is never quicker than what was learned.
SHARES = (
    0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.875, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 1.0,
)  # fmt: skip


@dataclass(frozen=True)
class Cases:
    """What was seen. `keys[level][case]` numbers the case's key from the widest level to the narrowest;
    `steps` it took, or has lasted so far where it is not over; `age_days` since it began."""

    keys: Sequence[Whole]
    steps: Whole
    is_over: Flags
    age_days: Real


@dataclass(frozen=True)
class Level:
    """`known` are the keys in order; for each a row of hazards, its cases and the evidence (cases by their age)."""

    known: Whole
    hazards: Real
    evidence: Real
    cases: Whole


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is believed: with less than `least_evidence` the configured time; a learned one stays between two
    shares of it, the upper with `leeway` on top (a configured 0 could else never be found wrong)."""

    least_evidence: float
    least_share: float
    most_share: float
    leeway: int

    def used(self, configured: int, learned: int, evidence: float) -> int:
        """The time that is promised with."""
        if evidence < self.least_evidence:
            return configured
        return round(min(max(learned, configured * self.least_share), configured * self.most_share + self.leeway))


class LearnedTimes:
    """Distributions by key. `horizon`: the number of steps that are told apart."""

    def __init__(self, cases: Cases, *, horizon: int, half_life_days: float, strength: float) -> None:
        self.horizon = horizon
        weights = np.exp2(-cases.age_days / half_life_days)
        steps = np.clip(cases.steps, 0, horizon - 1)
        self.levels: list[Level] = []
        for depth, keys in enumerate(cases.keys):
            known, first, position = np.unique(keys, return_index=True, return_inverse=True)
            ended = np.zeros((len(known), horizon))
            np.add.at(ended, (position[cases.is_over], steps[cases.is_over]), weights[cases.is_over])
            left = np.zeros((len(known), horizon))
            np.add.at(left, (position, steps), weights)
            # Whoever leaves at a step has lasted through all before it; a case that runs has not lasted this one.
            lasting = np.cumsum(left[:, ::-1], axis=1)[:, ::-1] - (left - ended)
            if depth:
                parent = self.levels[-1]
                prior = parent.hazards[np.searchsorted(parent.known, cases.keys[depth - 1][first])]
            else:
                prior = np.full((1, horizon), BEYOND)
            hazards = (ended + (strength if depth else 1.0) * prior) / (lasting + (strength if depth else 1.0))
            self.levels.append(
                Level(
                    known,
                    hazards,
                    evidence=np.bincount(position, weights, len(known)).astype(np.float64),
                    cases=np.bincount(position, minlength=len(known)),
                )
            )

    def hazards_of(self, keys: Sequence[int]) -> tuple[Real, float]:
        """Of the narrowest key of the chain that is known, with its evidence."""
        for level, key in zip(reversed(self.levels), reversed(keys), strict=True):
            row = int(np.searchsorted(level.known, key))
            if row < len(level.known) and level.known[row] == key:
                return level.hazards[row], float(level.evidence[row])
        return np.full(self.horizon, BEYOND), 0.0

    def quantiles(self, depth: int, confidences: Sequence[float]) -> Whole:
        """By known key of one level and confidence: the least number of steps that is enough in that share of cases."""
        over = (1 - np.cumprod(1 - self.levels[depth].hazards, axis=1)).astype(np.float64)
        over[:, -1] = 1
        return np.stack([_enough(over, confidence) for confidence in confidences], axis=1)

    def chances_of(self, keys: Sequence[int]) -> Real:
        """The chance of each number of steps; what lies beyond the horizon counts as its last step."""
        return chances(self.hazards_of(keys)[0])


def chances(hazards: Real) -> Real:
    lasts = np.concatenate([[1.0], np.cumprod(1 - hazards)[:-1]])
    found: Real = lasts * hazards
    found[-1] += 1 - found.sum()
    return found


def one_after_the_other(first: Real, second: Real) -> Real:
    """The chances of the sum of two independent times. `first` may be many, in rows: each is followed by `second`."""
    horizon = first.shape[-1]
    moved = sliding_window_view(np.concatenate([np.zeros(horizon - 1), second[:horizon]]), horizon)[::-1]
    found: Real = first @ moved
    found[..., -1] += first.sum(axis=-1) - found.sum(axis=-1)
    return found


def quantiles(chances: Real, confidence: float) -> Whole:
    """The least number of steps that is enough in that share of cases; of many, in rows."""
    over = np.cumsum(chances, axis=-1)
    over[..., -1] = 1
    return _enough(over, confidence)


def quantile(chance: Real, confidence: float) -> int:
    return int(quantiles(chance, confidence))


def _enough(over: Real, confidence: float) -> Whole:
    found: Whole = (over >= confidence - 1e-12).argmax(axis=-1)
    return found
