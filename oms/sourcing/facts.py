"""What the engine is told: one basket, the network that could serve it, and the moment.

A sourcing run keeps its facts, so the same plan can be computed again years later. The network (what
rarely changes) stands apart from the rest, so that it can be stored, hashed and prepared once.
Money is in the currency of the channel, weights in grams, times aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from oms.sourcing.arrays import NetworkArrays
from oms.sourcing.carriers import CarrierService
from oms.sourcing.house import HouseService
from oms.sourcing.once import once

HOME = "home"
EXPRESS = "express"
SLOT = "slot"
RELAY = "relay"
PICKUP = "pickup"
SHIP_TO_STORE = "ship_to_store"
E_RESERVATION = "e_reservation"
CARRY_OUT = "carry_out"

MODES = (HOME, EXPRESS, SLOT, RELAY, PICKUP, SHIP_TO_STORE, E_RESERVATION, CARRY_OUT)
DELIVERED_MODES = frozenset({HOME, EXPRESS, SLOT, RELAY})
OWN_STOCK_MODES = frozenset({PICKUP, E_RESERVATION, CARRY_OUT})
STOCK_POINT_KINDS = ("warehouse", "store", "supplier", "distributor", "reseller", "marketplace")
CHANNEL_KINDS = ("web", "mobile", "store", "marketplace", "social", "call_centre")

# Minutes after local midnight, start and end of one opening; 1440 is the end of the day.
Opening = tuple[int, int]


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When a stock point works, in its own zone.

    `opening_hours` has seven entries, Monday first, each with its openings in order; empty means open
    always. `cut_off` is in minutes after midnight: what arrives later counts from the next day.
    """

    opening_hours: tuple[tuple[Opening, ...], ...] = ()
    closed_on: tuple[date, ...] = ()
    cut_off: int | None = None


@dataclass(frozen=True, slots=True)
class StockPointFacts:
    """What configuration says of one stock point. `handling_cost` is per parcel; `decline_probability`
    is what is expected of it until something is learned. `learned_minutes` stand for `preparation_minutes`
    where there is evidence: a number for each band of the day (`calendars.BANDS`), at the present load."""

    code: str
    kind: str
    country: str
    timezone: str
    latitude: float | None = None
    longitude: float | None = None
    banner: str | None = None
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    priority: int = 0
    is_active: bool = True
    paused_until: date | None = None
    ships_orders: bool = True
    offers_pickup: bool = False
    offers_reservation: bool = False
    takes_orders: bool = False
    handling_cost: Decimal = Decimal(0)
    preparation_minutes: int = 0
    calendar: WorkCalendar = WorkCalendar()
    decline_probability: Decimal = Decimal(0)
    learned_minutes: tuple[int, ...] = ()

    @property
    def minutes(self) -> tuple[int, ...]:
        """What preparing takes, as `calendars.prepared_at` wants it."""
        return self.learned_minutes or (self.preparation_minutes,)


@dataclass(frozen=True)
class Network:
    """The stock points a decision may look at, and the services they ship by: the house's where no carrier
    covers the lane.

    Build it once for each version of the configuration and share it between facts: the engine
    prepares its arrays once per object.
    """

    stock_points: tuple[StockPointFacts, ...]
    house: HouseService = field(default_factory=HouseService)
    services: tuple[CarrierService, ...] = ()

    def service(self, code: str) -> CarrierService | HouseService:
        return next((service for service in self.services if service.code == code), self.house)

    def __post_init__(self) -> None:
        if len(self.by_code) != len(self.stock_points):
            raise ValueError("two stock points of a network have the same code")

    @once
    def as_configured(self) -> Network:
        """The same network without what was learned of its times; itself where nothing was."""
        learns = any(point.learned_minutes for point in self.stock_points)
        if not (learns or self.house.learned_days or any(service.learned_days for service in self.services)):
            return self
        return Network(
            tuple(replace(point, learned_minutes=()) for point in self.stock_points),
            replace(self.house, learned_days={}),
            tuple(replace(service, learned_days={}) for service in self.services),
        )

    @once
    def by_code(self) -> dict[str, StockPointFacts]:
        return {point.code: point for point in self.stock_points}

    @once
    def arrays(self) -> NetworkArrays:
        return NetworkArrays(self.stock_points, self.services)


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """The channel that asks. `stock_points` None means that every point feeds it."""

    code: str
    kind: str
    banner: str | None = None
    stock_points: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a parcel goes. Without coordinates the house service assumes a distance."""

    country: str
    timezone: str
    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None
    is_degraded: bool = False


@dataclass(frozen=True, slots=True)
class LineDemand:
    """One line of the basket. `key` is unique in it; `weight_g` and `unit_price` are for one unit, the price
    in the currency of the facts (0 where it is not known in it); `sides_mm` are its three, or none where they are
    not known."""

    key: str
    sku: str
    quantity: int
    weight_g: int = 0
    category: str = ""
    tags: tuple[str, ...] = ()
    unit_price: Decimal = Decimal(0)
    season_ends_on: date | None = None
    sides_mm: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A stock point that may not serve these lines (all when empty), and why: it declined, say."""

    stock_point: str
    reason: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptParcel:
    """A parcel that was promised before: this stock point sends these units (line key and units) by this
    service (by whichever is in time, where it is empty), for this day."""

    stock_point: str
    service: str
    lines: tuple[tuple[str, int], ...]
    promised_on: date


@dataclass(frozen=True, slots=True)
class Estimates:
    """What was learned. Each term exists in the costs; without an estimate it is zero.

    `decline_probability` by stock point; `decline_cost` is what one decline costs;
    `ageing_benefit` and `scarcity_cost` are money per unit, by SKU and then stock point.
    """

    decline_probability: Mapping[str, Decimal] = field(default_factory=dict)
    decline_cost: Decimal = Decimal(0)
    ageing_benefit: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    scarcity_cost: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Valuation:
    """What the retailer thinks stock is worth where it lies; shares are of a unit's price.

    `scarce_below`: with fewer free units than this in the channel's network an article is scarce, the
    more so the fewer; taking one out of a shop then costs up to `scarce_share`. Whatever the network has,
    the last unit of a size in a shop costs `last_unit_share`, each of two half of it, and so on.
    `markdown_share` is what an unsold unit loses at the end of its season; an article without a season
    is to be sold within `slow_after_days`. `decline_cost` is what one decline costs.
    """

    scarce_below: int = 0
    scarce_share: Decimal = Decimal(0)
    last_unit_share: Decimal = Decimal(0)
    markdown_share: Decimal = Decimal(0)
    slow_after_days: int = 180
    decline_cost: Decimal = Decimal(0)


# Days over which `Facts.recent_sales` counts.
SALES_DAYS = 28


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The part of the facts by which a rule set is chosen."""

    channel: str
    channel_kind: str
    banner: str | None
    mode: str
    country: str | None
    postcode: str
    order_value: Decimal
    categories: frozenset[str]
    tags: frozenset[str]
    customer_class: str = ""
    ordered_at: datetime | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything one decision rests on.

    `available`: units this demand may take, by SKU and then stock point; the caller has already
    counted the order's own reservations as free. A pair that is absent has none.
    `capacity_left`: orders each point may still take today; absent means no limit.
    `promised_on`: the date already promised to the customer, in the destination's zone.
    `timezone`: the settings' zone, in which the calendars of rules are read.
    `kept`: the parcels of a promise that this decision must keep; empty where it is free.
    `recent_sales`: units sold in the last `SALES_DAYS` days, by SKU and stock point; gathered only
    where a rule asks for it, and absent means none were sold.
    `customer_class`: as the channel told it. `ordered_at`: when the customer ordered, in UTC; None is now.
    """

    now: datetime
    currency: str
    mode: str
    channel: ChannelFacts
    lines: tuple[LineDemand, ...]
    network: Network
    available: Mapping[str, Mapping[str, int]]
    destination: Destination | None = None
    pickup_point: str | None = None
    selling_point: str | None = None
    capacity_left: Mapping[str, int] = field(default_factory=dict)
    excluded: tuple[Exclusion, ...] = ()
    promised_on: date | None = None
    order_value: Decimal = Decimal(0)
    timezone: str = "UTC"
    estimates: Estimates = field(default_factory=Estimates)
    kept: tuple[KeptParcel, ...] = ()
    recent_sales: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    valuation: Valuation = Valuation()
    customer_class: str = ""
    ordered_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.now.utcoffset() != timedelta(0):
            raise ValueError("`now` must be an aware time in UTC")
        if self.mode not in MODES:
            raise ValueError(f"{self.mode!r} is not a delivery mode")
        if not self.lines:
            raise ValueError("a basket has at least one line")
        if len({line.key for line in self.lines}) != len(self.lines):
            raise ValueError("two lines of a basket have the same key")
        if any(line.quantity < 1 or line.weight_g < 0 for line in self.lines):
            raise ValueError("each line asks for at least one unit of no negative weight")

    @property
    def destination_point(self) -> str | None:
        """The stock point at which the customer receives the goods, if there is one."""
        if self.mode == CARRY_OUT:
            return self.selling_point
        return self.pickup_point if self.mode in (PICKUP, SHIP_TO_STORE, E_RESERVATION) else None

    @property
    def order(self) -> OrderFacts:
        """What rule sets are matched against; a collected order has its pickup point's country."""
        place = self.network.by_code.get(self.destination_point or "")
        country = self.destination.country if self.destination else place.country if place else None
        return OrderFacts(
            channel=self.channel.code,
            channel_kind=self.channel.kind,
            banner=self.channel.banner,
            mode=self.mode,
            country=country,
            postcode=self.destination.postcode if self.destination else "",
            order_value=self.order_value,
            categories=frozenset(line.category for line in self.lines if line.category),
            tags=frozenset(tag for line in self.lines for tag in line.tags),
            customer_class=self.customer_class,
            ordered_at=self.ordered_at or self.now,
            timezone=self.timezone,
        )
