"""What a customer is offered before ordering, and what of it an order can ask to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from oms.orchestration.baskets import BasketLine, Destination


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A basket somebody may order on a channel; with what is known of where it shall go.

    `own_units`: what a cart already reserves, by (variant, stock point): it counts as free.
    `at`: as if it were that moment; None is now. `order_value` in the channel's currency.
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


@dataclass(frozen=True, slots=True)
class OfferedUnits:
    """Units of one article in one parcel."""

    variant_id: int
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class OfferedParcel:
    """`ships_on` in the stock point's zone, `promised_on` in the destination's."""

    stock_point_id: int
    stock_point: str
    service: str
    lines: tuple[OfferedUnits, ...]
    ships_on: date
    promised_on: date


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """One way to receive the basket, with the plan that would be placed.

    It comes between `promised_from` and `promised_on` if ordered until `cut_off_at` (None: for two
    weeks). `price` is the customer's, `cost` what transport and handling cost the retailer.
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


@dataclass(frozen=True, slots=True)
class Missing:
    """Units that none of the options includes, and when more is expected, if that is known."""

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


@dataclass(frozen=True, slots=True)
class PromisedParcel:
    """`units` by variant."""

    stock_point_id: int
    service: str
    units: tuple[tuple[int, int], ...]
    promised_on: date


@dataclass(frozen=True, slots=True)
class Promise:
    """What a token says: exactly this was offered, until `expires_at`."""

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


def option_document(option: DeliveryOption) -> dict[str, Any]:
    """As the API tells it, in values of JSON."""
    return {
        "mode": option.mode,
        "service": option.service,
        "pickup_point": option.pickup_point,
        "promised_from": option.promised_from.isoformat(),
        "promised_on": option.promised_on.isoformat(),
        "cut_off_at": option.cut_off_at.strftime("%Y-%m-%dT%H:%M:%SZ") if option.cut_off_at else None,
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
            }
            for parcel in option.parcels
        ],
        "is_split": option.is_split,
        "is_cheapest": option.is_cheapest,
        "is_fastest": option.is_fastest,
        "is_greenest": option.is_greenest,
        "degraded": option.is_degraded,
        "token": option.token,
    }
