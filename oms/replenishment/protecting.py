"""How much of a shop's stock experience says should be kept from other channels."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

# Floats that are whole but for rounding must not be rounded up to the next unit.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Experience:
    """Of one article at one place.

    `per_day`: units sold in the shop on a day with stock. `late_days`, `late_spread_days`: mean and standard
    deviation of how late receipts came there. `missing_share`: of units that were looked for, how many were not there.
    """

    on_hand: int
    per_day: float
    late_days: float = 0.0
    late_spread_days: float = 0.0
    missing_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`units` = `for_demand` + `for_missing`."""

    for_demand: int
    for_missing: int

    @property
    def units(self) -> int:
        return self.for_demand + self.for_missing


def suggested_protection(experience: Experience, *, answer_days: float, factor: float) -> Suggestion:
    """Units to keep: what the shop's own customers may take before an order is picked, and what is not there.

    For demand d·T + z·√(d·T + d²·σ²), the reorder point of a Poisson demand over a time that varies: T is the time in
    which an order is answered and what receipts are late on average, σ its standard deviation (E. A. Silver,
    D. F. Pyke, D. J. Thomas, Inventory and Production Management in Supply Chains, 4th ed., 2017, chapter 6). For the
    record's error the expected missing units, as Y. Kang and S. B. Gershwin add them to the safety stock (Information
    inaccuracy in inventory systems, IIE Transactions 37, 2005). A shop that sells none needs nothing for demand.
    """
    mean = experience.per_day * (answer_days + experience.late_days)
    spread = experience.per_day * experience.late_spread_days
    demand = _up(mean + factor * sqrt(mean + spread**2)) if experience.per_day > 0 else 0
    return Suggestion(demand, _up(experience.missing_share * max(0, experience.on_hand)))


def _up(value: float) -> int:
    return ceil(value - _ROUNDING)
