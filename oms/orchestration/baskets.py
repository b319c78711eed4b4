"""What planning is asked, and what it answers. Ids in, ids out; codes stay inside.

An order is known by its `reference` only, a line by a `key` that is unique in its basket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from oms.orchestration.deciding import UnsavedRun
from oms.sourcing.milestones import Milestones


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the customer wants it. `country` is an ISO 3166 two-letter code."""

    country: str
    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class BasketLine:
    key: str
    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """A stock point that may not serve these lines (all when empty), and why: it declined, say."""

    stock_point_id: int
    reason: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A parcel that was promised and must be kept; `units` by line key. `service` empty: by whichever is in time."""

    stock_point_id: int
    service: str
    units: tuple[tuple[str, int], ...]
    promised_on: date


@dataclass(frozen=True, slots=True)
class Basket:
    """`own_units`: units this order already reserves, by (variant, stock point); they count as free.
    `only_own_units`: nothing else counts, which prices the order where it lies now.
    `own_capacity`: by stock point, the orders it may take today beyond what is left: those this order already counts
    for, less those that its other parts are to count for.
    `promised_on`: the date the customer was given, in the destination's zone.
    `order_value` in the channel's currency. `kept`: the parcels of a promise that the plan must keep; where
    it cannot be kept, everything is unplanned. `ordered_at`: when the customer ordered; None is now.
    """

    reference: str
    channel_id: int
    mode: str
    lines: tuple[BasketLine, ...]
    destination: Destination | None = None
    pickup_point_id: int | None = None
    selling_stock_point_id: int | None = None
    own_units: Mapping[tuple[int, int], int] = field(default_factory=dict)
    only_own_units: bool = False
    own_capacity: Mapping[int, int] = field(default_factory=dict)
    excluded: tuple[Excluded, ...] = ()
    promised_on: date | None = None
    order_value: Decimal = Decimal(0)
    tags: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    customer_class: str = ""
    ordered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LineUnits:
    """Units of one line."""

    key: str
    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ParcelPlan:
    """What one stock point sends or puts aside. `ready_at` in UTC, `ships_on` in the stock point's zone,
    `promised_on` in the destination's, where it may come from `promised_from` on; `cost` is by the rule's
    objectives, `expense` what the retailer pays, `price` what the customer does, in the plan's currency.
    `zone` is the destination's among the service's.
    The same parcel from each of the `alternatives` is offered beside it: whoever claims it first sends it.
    `milestones`: by when each step keeps the promised date; None where nothing leads up to it."""

    stock_point_id: int
    service: str
    lines: tuple[LineUnits, ...]
    ready_at: datetime
    ships_on: date
    promised_on: date
    cost: Decimal
    co2e_g: int
    distance_km: float
    weight_g: int
    promised_from: date
    expense: Decimal
    price: Decimal
    zone: str = ""
    alternatives: tuple[ParcelPlan, ...] = ()
    milestones: Milestones | None = None


@dataclass(frozen=True, slots=True)
class BasketPlan:
    """The decision for one basket.

    `outcome` is `planned` (at least one parcel) or `unfillable`. Units no parcel takes are
    `unplanned`; `action` (`queue`, `backorder`, `cancel`) says what the rule set wants done with them
    and is None where there are none. `parked`: where the unplanned units lie cheapest whatever the
    rules and capacities, for `queue` to keep them reserved; empty where they lie nowhere.
    `assignment` is `assign` or `offer` (to `offer_candidates` stock points). `run` is the unsaved
    record of the decision, None where none was asked for.
    """

    outcome: str
    parcels: tuple[ParcelPlan, ...]
    unplanned: tuple[LineUnits, ...]
    parked: tuple[ParcelPlan, ...]
    action: str | None
    cancel_after_days: int | None
    rule_set: str
    version: int | None
    rule: str | None
    assignment: str
    offer_candidates: int
    acceptance_minutes: int | None
    max_hops: int
    promised_on: date | None
    cost: Decimal
    currency: str
    co2e_g: int
    is_degraded: bool
    run: UnsavedRun | None
