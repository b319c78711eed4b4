"""The rows behind one order's page, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from orders.models import (
    Allocation,
    CarrierEvent,
    Fulfilment,
    Order,
    OrderHold,
    OrderLine,
    Parcel,
    ParcelLine,
    Payment,
    PaymentOperation,
    Pickup,
)
from orders.states import OperationState, OrderState, ParcelState, PaymentState
from returns.models import Return

Units = dict[int, int]
"""Units by line id."""


@dataclass(frozen=True)
class Rows:
    order: Order
    lines: list[OrderLine]
    slices: list[Allocation]
    parcels: dict[int, list[Parcel]]  # by fulfilment
    contents: dict[int, list[ParcelLine]]  # by parcel
    events: dict[int, list[CarrierEvent]]  # by parcel
    pickups: dict[int, Pickup]  # by fulfilment
    refunds: list[PaymentOperation]
    never_charged: Decimal  # authorised for what was cancelled, and given back
    is_held: bool
    is_verified: bool  # whether its bank is being asked what became of a payment
    returns: list[Return]  # `units` of each: what has come back

    @property
    def kept_units(self) -> int:
        """Ordered and not cancelled."""
        return sum(line.quantity - line.cancelled_quantity for line in self.lines)

    @property
    def returned_units(self) -> int:
        """What has come back to us; what is only announced is still with the customer."""
        return sum(each.units for each in self.returns)  # type: ignore[attr-defined]

    def works(self) -> list[Fulfilment]:
        """The fulfilments that still have something of the order, oldest first."""
        found = {piece.fulfilment_id: piece.fulfilment for piece in self.slices if piece.fulfilment is not None}
        return [work for _, work in sorted(found.items(), key=lambda entry: entry[0] or 0) if work is not None]


def rows_of_order(order: Order) -> Rows:
    """Eight queries, whatever the order holds; one more while it waits for its payment, when a part is cancelled, and
    when something is given back."""
    counted = Allocation.objects.counted().filter(line__order=order)
    slices = counted.select_related("fulfilment__pickup_point", "line").order_by("pk")
    parcels = Parcel.objects.filter(fulfilment__order=order).exclude(state=ParcelState.CANCELLED)
    by_work, contents, events = defaultdict(list), defaultdict(list), defaultdict(list)
    for parcel in parcels.order_by("pk"):
        by_work[parcel.fulfilment_id].append(parcel)
    lines = ParcelLine.objects.filter(parcel__fulfilment__order=order).select_related("allocation")
    for line in lines.order_by("pk"):
        contents[line.parcel_id].append(line)
    for event in CarrierEvent.objects.filter(parcel__fulfilment__order=order):
        assert event.parcel_id is not None
        events[event.parcel_id].append(event)
    refunds = PaymentOperation.objects.filter(payment__order=order, kind=PaymentOperation.Kind.REFUND).exclude(
        state=OperationState.FAILED
    )
    ordered = list(order.lines.select_related("variant__product").order_by("position"))
    is_cut = any(line.cancelled_quantity for line in ordered)
    return Rows(
        order=order,
        lines=ordered,
        slices=list(slices),
        parcels=by_work,
        contents=contents,
        events=events,
        pickups={pickup.fulfilment_id: pickup for pickup in Pickup.objects.filter(fulfilment__order=order)},
        refunds=list(refunds.order_by("pk")),
        never_charged=_voided(order) if is_cut else Decimal(0),
        is_held=OrderHold.objects.filter(order=order, released_at__isnull=True).exists(),
        is_verified=order.state == OrderState.PENDING_PAYMENT
        and Payment.objects.filter(order=order, state=PaymentState.UNKNOWN).exists(),
        returns=_returns(order) if any(line.returned_quantity for line in ordered) else [],
    )


def _returns(order: Order) -> list[Return]:
    """What came back of it, oldest first, with the order each was exchanged for."""
    came = Return.objects.filter(order=order, received_at__isnull=False).select_related("exchange_order__pickup_point")
    return list(came.annotate(units=Sum("lines__received_quantity")).order_by("pk"))


def _voided(order: Order) -> Decimal:
    found: Decimal | None = Payment.objects.filter(order=order).aggregate(voided=Sum("voided"))["voided"]
    return min(found or Decimal(0), order.total)


def units_of(slices: list[Allocation]) -> Units:
    units: Units = defaultdict(int)
    for piece in slices:
        units[piece.line_id] += piece.quantity
    return dict(units)
