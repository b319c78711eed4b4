"""What a channel asks for when it places an order, checked for shape only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Customer:
    name: str
    email: str = ""
    phone: str = ""
    class_: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """`country` is an ISO 3166 code of two letters."""

    line1: str
    city: str
    country: str
    postcode: str = ""
    line2: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """The hours within which the customer wants it."""

    from_: datetime
    to: datetime


@dataclass(frozen=True, slots=True)
class RequestedLine:
    """`unit_price` None: the variant's; `discount` is for the whole line; `mode` None: the order's."""

    sku: str
    quantity: int
    unit_price: Decimal | None = None
    discount: Decimal = Decimal(0)
    mode: str | None = None
    pickup_point: str | None = None


@dataclass(frozen=True, slots=True)
class RequestedPayment:
    """`amount` None: what remains of the total."""

    gateway: str
    method: str
    amount: Decimal | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """One order as a channel hands it over; codes and SKUs are not resolved yet."""

    channel: str
    external_reference: str
    mode: str
    customer: Customer
    lines: tuple[RequestedLine, ...]
    shipping_address: Address | None = None
    billing_address: Address | None = None
    pickup_point: str | None = None
    selling_stock_point: str | None = None
    relay_point: str = ""
    slot: Slot | None = None
    reservation: str = ""
    promise_token: str = ""
    shipping_price: Decimal | None = None
    payments: tuple[RequestedPayment, ...] = ()
    consolidate: bool = False
    allow_partial: bool = False
    language: str = ""
    tags: tuple[str, ...] = ()

    @property
    def content_hash(self) -> str:
        """Equal for equal content: how a repeated request is told from another under the same reference."""
        return hashlib.sha256(orjson.dumps(self, default=_plain, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _plain(value: Any) -> str:
    """9.9 and 9.90 are one amount."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    raise TypeError(f"{type(value).__name__} has no place in a request")
