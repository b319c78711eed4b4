"""What replenishment is worked out from, and what comes of it. Quantities in units, times in days, costs in
ten-thousandths of the base currency."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Policy:
    """How long stock is to last, and what moving it costs.

    `service_factor` is the standard normal quantile of the share of cycles without a stock-out (1.64: 95 %).
    `slow_cover_days`: a store gives away only what it will not sell within so long.
    """

    demand_days: int = 28
    cover_days: int = 14
    slow_cover_days: int = 90
    transfer_days: int = 3
    service_factor: float = 1.64
    unit_cost: int = 3000
    km_cost: int = 20


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person has decided for a place.

    `cover_days`: instead of the policy's. `safety_days`: its safety stock lasts at least so long. `keeps`: units of
    an article it never goes below by giving; a store keeps one to show where nothing is said. `sends_at_most`: units
    of an article in one run. A store gives neither returned nor slow stock where it may not; a warehouse gives.
    """

    cover_days: int | None = None
    safety_days: int = 0
    keeps: int | None = None
    sends_at_most: int | None = None
    gives_returned: bool = True
    gives_slow: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """A stock point as far as moving goods matters. Without coordinates every distance is taken for `UNKNOWN_KM`."""

    id: int
    is_warehouse: bool
    banner_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    handling_cost: int = 0
    terms: Terms = Terms()


@dataclass(frozen=True, slots=True)
class Shelf:
    """One article at one place.

    `here`: on hand less what is reserved and what is unavailable; may be negative. `free`: of that, what no
    protection keeps back. `incoming`: what is to come and nobody was promised. `sold`: units sold or sent in the
    last `demand_days` in which there was any. `returned`: units customers brought back lately.
    """

    place: int
    here: int
    free: int
    incoming: int = 0
    sold: int = 0
    returned: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """`urgent` of the `units` only keep the shelf from being empty until the goods come and one more day."""

    place: int
    units: int
    urgent: int
    target: int
    per_day: float


class Source(StrEnum):
    """Why the giver can do without."""

    WAREHOUSE = "warehouse"
    RETURNED = "returned"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Spare:
    """`kept`: what stays with the giver."""

    place: int
    units: int
    kept: int
    source: Source


@dataclass(frozen=True, slots=True)
class Move:
    """`cost` of one unit; `distance_km` None where one of the places has no coordinates."""

    giver: Spare
    need: Need
    units: int
    cost: int
    distance_km: float | None
