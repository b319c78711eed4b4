"""What a customer is offered before ordering, and what of it an order can ask to be kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from oms.orchestration.baskets import BasketLine, Destination

if TYPE_CHECKING:
    from oms.orchestration.queries.readings import Reading
    from oms.orchestration.queries.shelves import Shelf


@dataclass(frozen=True, slots=True)
class EarlyReading:
    """What was read at a moment, together with the names in an enquiry: `shelves` by variant, on the network of the
    channel's own stock points."""

    now: datetime
    reading: Reading
    shelves: Mapping[int, Shelf]


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A basket somebody may order on a channel; with what is known of where it shall go.

    `own_units`: what a cart already reserves, by (variant, stock point): it counts as free.
    `at`: as if it were that moment, in whatever zone it was said; None is now. `order_value` in the channel's currency.
    `read`: of what it rests on, what was read already.
    """

    channel_id: int
    lines: tuple[BasketLine, ...]
    destination: Destination | None = None
    pickup_point_id: int | None = None
    selling_stock_point_id: int | None = None
    own_units: Mapping[tuple[int, int], int] = field(default_factory=dict)
    order_value: Decimal = Decimal(0)
    at: datetime | None = None
    customer_class: str = ""
    tags: tuple[str, ...] = ()
    read: EarlyReading | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.at is not None:
            object.__setattr__(self, "at", self.at.astimezone(UTC))  # as the engine counts


@dataclass(frozen=True, slots=True)
class OfferedUnits:
    """Units of one article in one parcel."""

    variant_id: int
    sku: str
    quantity: int


# How an option treats a basket of several articles: as the rules plan it, or otherwise (`services.choosing`).
WHOLE, TOGETHER, PART_PICKUP = "whole", "together", "part_pickup"
NOW_AND_LATER, WHEN_COMPLETE = "now_and_later", "when_complete"
CHOICES = (WHOLE, TOGETHER, PART_PICKUP, NOW_AND_LATER, WHEN_COMPLETE)
# With these the basket is whole, though the channel does not have all of it yet.
AWAITING = frozenset({NOW_AND_LATER, WHEN_COMPLETE})


@dataclass(frozen=True, slots=True)
class OfferedParcel:
    """`ships_on` in the stock point's zone, `promised_on` in the destination's. `available_on`: the day by which
    its goods will have come, None where they are there."""

    stock_point_id: int
    stock_point: str
    service: str
    lines: tuple[OfferedUnits, ...]
    ships_on: date
    promised_on: date
    mode: str = ""
    available_on: date | None = None


@dataclass(frozen=True, slots=True)
class WaitedFor:
    """Units of an option that have still to come. `available_on` None: nobody knows when."""

    sku: str
    quantity: int
    available_on: date | None


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """One way to receive the basket, with the plan that would be placed.

    It comes between `promised_from` and `promised_on` if ordered until `cut_off_at` (None: for two
    weeks). `price` is the customer's, `cost` what transport and handling cost the retailer.
    `slots`: the hours, in UTC, of which an order for a slot names one, where the courier has such.
    `waiting`: the units it waits for; where no day is known of them, the dates are those of the rest.
    `is_degraded`: something had to be guessed, and the promise is wider and later for it.
    """

    mode: str
    service: str
    pickup_point: str | None
    promised_from: date
    promised_on: date
    cut_off_at: datetime | None
    price: Decimal
    currency: str
    cost: Decimal
    co2e_g: int
    parcels: tuple[OfferedParcel, ...]
    is_split: bool
    is_degraded: bool
    is_cheapest: bool
    is_fastest: bool
    is_greenest: bool
    token: str
    choice: str = WHOLE
    slots: tuple[tuple[datetime, datetime], ...] = ()
    waiting: tuple[WaitedFor, ...] = ()

    @property
    def is_all_to_come(self) -> bool:
        """Nothing of it is there yet."""
        return bool(self.parcels) and all(parcel.available_on for parcel in self.parcels)


@dataclass(frozen=True, slots=True)
class Missing:
    """Units that nothing in stock can serve, and when more is expected, if that is known; options with units that
    are waited for include them."""

    sku: str
    quantity: int
    next_available_on: date | None = None


@dataclass(frozen=True, slots=True)
class ArticleModes:
    """The ways in which one line could be received, before anybody has said where."""

    sku: str
    quantity: int
    modes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer to an enquiry. `modes` and `articles` are told where no place was given, `options` where
    one was."""

    options: tuple[DeliveryOption, ...]
    unavailable: tuple[Missing, ...] = ()
    is_degraded: bool = False
    modes: tuple[str, ...] = ()
    articles: tuple[ArticleModes, ...] = ()

    @property
    def has_no_plan(self) -> bool:
        """The stock could not be read in time: nothing of it can be kept."""
        return any(not option.parcels for option in self.options)


@dataclass(frozen=True, slots=True)
class PromisedParcel:
    """`units` by variant; received by `mode`, at the pickup point where there is one."""

    stock_point_id: int
    service: str
    units: tuple[tuple[int, int], ...]
    promised_on: date
    mode: str
    pickup_point_id: int | None = None


@dataclass(frozen=True, slots=True)
class PromisedUnits:
    """Units of a variant that are promised of what will have come by a day, for the day `promised_on`; None: they wait
    without one."""

    variant_id: int
    quantity: int
    available_on: date | None
    promised_on: date | None
    mode: str = ""
    pickup_point_id: int | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """What a token says: exactly this was offered, until `expires_at`. `parcels` are taken from the shelf when it
    is ordered, `later` is waited for; `mode` is that of the first parcel where there are several."""

    channel_id: int
    mode: str
    pickup_point_id: int | None
    country: str
    postcode: str
    units: Mapping[int, int]
    parcels: tuple[PromisedParcel, ...]
    promised_from: date
    promised_on: date
    price: Decimal
    currency: str
    expires_at: datetime
    choice: str = WHOLE
    later: tuple[PromisedUnits, ...] = ()

    @property
    def consolidates(self) -> bool:
        """Whether nothing leaves before everything is there."""
        return self.choice == WHEN_COMPLETE

    def units_by_way(self) -> Counter[tuple[str, int | None, int]]:
        """By mode, pickup point and variant."""
        found: Counter[tuple[str, int | None, int]] = Counter()
        for parcel in self.parcels:
            for variant_id, quantity in parcel.units:
                found[parcel.mode, parcel.pickup_point_id, variant_id] += quantity
        for each in self.later:
            found[each.mode, each.pickup_point_id, each.variant_id] += each.quantity
        return found


def option_document(option: DeliveryOption) -> dict[str, Any]:
    """As the API tells it, in values of JSON."""
    return {
        "mode": option.mode,
        "choice": option.choice,
        "service": option.service,
        "pickup_point": option.pickup_point,
        "promised_from": option.promised_from.isoformat(),
        "promised_on": option.promised_on.isoformat(),
        "cut_off_at": _in_utc(option.cut_off_at) if option.cut_off_at else None,
        "price": str(option.price),
        "currency": option.currency,
        "cost": str(option.cost),
        "co2e_g": option.co2e_g,
        "parcels": [
            {
                "stock_point": parcel.stock_point,
                "service": parcel.service,
                "lines": [{"sku": line.sku, "quantity": line.quantity} for line in parcel.lines],
                "ships_on": parcel.ships_on.isoformat(),
                "promised_on": parcel.promised_on.isoformat(),
                "mode": parcel.mode,
                "available_on": parcel.available_on.isoformat() if parcel.available_on else None,
            }
            for parcel in option.parcels
        ],
        "slots": [
            {"from": start.strftime("%Y-%m-%dT%H:%M:%SZ"), "to": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
            for start, end in option.slots
        ],
        "waiting": [
            {
                "sku": each.sku,
                "quantity": each.quantity,
                "available_on": each.available_on.isoformat() if each.available_on else None,
            }
            for each in option.waiting
        ],
        "is_split": option.is_split,
        "is_cheapest": option.is_cheapest,
        "is_fastest": option.is_fastest,
        "is_greenest": option.is_greenest,
        "degraded": option.is_degraded,
        "token": option.token or None,
    }


def _in_utc(moment: datetime) -> str:
    """To the second. `strftime` writes years before 1000 with too few digits."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
