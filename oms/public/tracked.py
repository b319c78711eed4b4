"""What a customer sees of an order: plain values in the language of the moment, ready to be laid out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from django.utils.safestring import SafeString

from stock.queries.opening_hours import Opening

Tone = Literal["ok", "info", "warn", "danger", "quiet"]
Reached = Literal["done", "now", "trouble", "next"]


@dataclass(frozen=True, slots=True)
class Step:
    """`at` None: reached at a time nobody noted, or not reached yet."""

    title: str
    reached: Reached
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    quantity: int
    name: str
    details: str
    picture: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is collected."""

    name: str
    address: str
    openings: tuple[Opening, ...]
    map_url: str


@dataclass(frozen=True, slots=True)
class PickupPass:
    code: str
    qr: SafeString
    expires_on: date | None
    is_locked: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """A part of the order that travels, or waits, together."""

    title: str
    said: str
    tone: Tone
    icon: str
    items: tuple[Item, ...]
    steps: tuple[Step, ...] = ()
    late: str = ""
    expected_on: date | None = None
    slot: tuple[datetime, datetime] | None = None
    carrier: str = ""
    tracking_number: str = ""
    place: Place | None = None
    pickup: PickupPass | None = None


@dataclass(frozen=True, slots=True)
class Repayment:
    amount: str
    said: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was given back, and what comes instead, as an order of its own."""

    given: tuple[Item, ...]
    instead: tuple[Item, ...]
    number: str
    url: str
    said: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """The order whose goods came back for these."""

    number: str
    url: str


@dataclass(frozen=True, slots=True)
class TrackedOrder:
    number: str
    shop: str
    placed_at: datetime
    title: str
    said: str
    tone: Tone
    icon: str
    deliveries: tuple[Delivery, ...]
    cancelled: tuple[Item, ...] = ()
    cancelled_said: str = ""
    sums: tuple[tuple[str, str], ...] = ()
    repayments: tuple[Repayment, ...] = field(default=())
    exchanges: tuple[Exchange, ...] = ()
    replaces: Replaced | None = None
    pay_by: datetime | None = None
