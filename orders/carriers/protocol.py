"""What a carrier plug-in is: what it is asked, what it answers, how it fails.

A label is bought in three steps, so that a lost answer never buys a second one:

1. the caller stores the whole request, `reference` included, and commits;
2. it calls `buy` outside any transaction;
3. it stores the label.

Whoever finds step 3 missing (a retry, a sweeper) calls `buy` again with the stored request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from oms.core.errors import OmsError, Retryable, gettext_noop


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as the customer or the stock point gave it, in any script.

    `country` is an ISO 3166-1 alpha-2 code.
    """

    name: str
    line1: str
    postcode: str
    city: str
    country: str
    line2: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """One parcel to be carried. Everything here is fixed before the first call to the carrier.

    `reference` is the parcel's own and the idempotency key: a carrier that takes a key is given
    this one, a carrier that takes none is searched for it before anything is bought.
    `serial` is the parcel's number in this system, never used for another parcel; carriers that
    let their customer number the parcels build the tracking number from it.
    `service_name` is what the retailer calls the service; empty where it has no name but its own.
    `slot`: the hours the customer chose, on the retailer's clocks, as they were told.
    """

    reference: str
    serial: int
    sender: Address
    recipient: Address
    service: str
    weight_g: int
    order_number: str
    stock_point: str
    ships_on: date
    language: str = "en"
    parcel_index: int = 1
    parcel_count: int = 1
    service_name: str = ""
    slot: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A bought label: 100 × 150 mm as PDF, and as ZPL for 203 dpi printers.

    `zpl` is empty where the carrier gives only a PDF.
    """

    tracking_number: str
    pdf: bytes
    zpl: str


class TrackingKind(StrEnum):
    HANDED_OVER = "handed_over"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    RETURNED_TO_SENDER = "returned_to_sender"


@dataclass(frozen=True, slots=True)
class TrackingUpdate:
    """One step of a parcel, in our words. `event_id` is the carrier's, the same at each repeat."""

    event_id: str
    tracking_number: str
    kind: TrackingKind
    occurred_at: datetime


class CarrierUnavailable(Retryable):
    """Busy, out of reach, or the answer was lost: try again later with the same request.

    Nobody knows whether a label was bought, so the parcel stays with this carrier until `buy`
    has answered; asking another carrier meanwhile may buy twice.
    """

    code = "carrier_unavailable"
    default_detail = gettext_noop("The carrier does not answer; try again.")


class CarrierRefused(OmsError):
    """The carrier said no and nothing was bought: the same request will be refused again."""

    code = "carrier_refused"
    status = 422
    default_detail = gettext_noop("The carrier refused.")


class UnknownCarrier(CarrierRefused):
    code = "unknown_carrier"
    default_detail = gettext_noop("There is no such carrier.")


class Carrier(Protocol):
    """A plug-in: one file in this package, named in the package's `PLUG_INS`.

    Every method may raise CarrierUnavailable (retry) or CarrierRefused (final), nothing else,
    and gives up by itself within a bounded time. None may be called inside a transaction.
    """

    name: str

    def buy(self, request: LabelRequest) -> Label:
        """Buy once per `request.reference`: a repeat gives the tracking number of the first."""
        ...

    def cancel(self, tracking_number: str) -> None:
        """Give the label back. Cancelling a cancelled label succeeds."""
        ...

    def track(self, tracking_number: str) -> Sequence[TrackingUpdate]:
        """What the carrier knows of the parcel, oldest first; empty where events are pushed."""
        ...
