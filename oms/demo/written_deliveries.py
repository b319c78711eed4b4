"""Drawn deliveries as orders, parcels, money and ledger: a set of rows for each table.

Lived through one by one, as the other past orders are, so many would take longer than all the rest of the demo.
Nothing that is there already is changed: each unit that left had come with the opening stock.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from django.db import transaction

from oms.core import clock
from oms.demo.drawing import FIRST_NAMES, LAST_NAMES, RELAYS, STREETS
from oms.demo.past_deliveries import Delivery, drawn_deliveries
from oms.orchestration.models import CarrierService, OutcomeKind, RunOutcome
from orders.carriers.house import tracking_number
from orders.carriers.protocol import TrackingKind
from orders.models import (
    Allocation,
    CarrierEvent,
    Fulfilment,
    Order,
    OrderLine,
    Parcel,
    ParcelLine,
    Payment,
    PaymentOperation,
    SimulatedTransaction,
    TimelineEntry,
)
from orders.services.numbering import new_order_number
from orders.services.operations import new_key
from orders.states import AllocationState, FulfilmentState, OperationState, OrderState, ParcelState, PaymentState
from stock.models import MovementKind, Reservation, SalesChannel, StockMovement
from stock.states import ReservationState

CHANNEL: Final = "demo-web"
TAX_RATE: Final = Decimal("0.2000")
OPENING: Final = "stock initial, livré depuis"
OPENED: Final = timedelta(days=30)
AUTHORISE, CAPTURE = PaymentOperation.Kind.AUTHORISE, PaymentOperation.Kind.CAPTURE


def write_past_deliveries(*, draw: random.Random) -> int:
    """All of them or none; how many there are."""
    carriers = dict(CarrierService.objects.values_list("service", "carrier"))
    deliveries = drawn_deliveries(carriers=carriers, draw=draw)
    channel = SalesChannel.objects.get(code=CHANNEL)
    with transaction.atomic():
        orders = Order.objects.bulk_create(
            _order(number, each, channel, draw) for number, each in enumerate(deliveries, start=1)
        )
        parcels = _write_work(orders, deliveries)
        _write_ledger(parcels, deliveries)
        _write_money(orders, parcels, deliveries)
        _write_story(orders, parcels, deliveries)
    return len(deliveries)


def _order(number: int, each: Delivery, channel: SalesChannel, draw: random.Random) -> Order:
    reference = f"demo-delivery-{number:03d}"
    price = each.variant.price
    return Order(
        number=new_order_number(each.placed_at),
        channel=channel,
        external_reference=reference,
        content_hash=hashlib.sha256(reference.encode()).hexdigest(),
        mode=each.mode,
        state=OrderState.FULFILLED,
        customer_name=f"{draw.choice(FIRST_NAMES)} {draw.choice(LAST_NAMES)}",
        customer_email=f"client-{reference}@example.org",
        customer_phone="+33 6 12 34 56 78",
        shipping_address=_address(each, draw),
        relay_point=draw.choice(RELAYS) if each.mode == "relay" else "",
        language=draw.choices(["fr", "en"], weights=[85, 15])[0],
        currency=channel.currency,
        subtotal=price,
        shipping=each.price,
        tax=_tax(price + each.price),
        total=price + each.price,
        promise=_promise(each, channel.currency),
        promised_on=each.promised_on,
        confirm_by=each.limits.confirm_by,
        release_by=each.limits.release_by,
        placed_at=each.placed_at,
        confirmed_at=each.placed_at,
    )


def _address(each: Delivery, draw: random.Random) -> dict[str, Any]:
    return {
        "line1": f"{draw.randint(1, 120)} {draw.choice(STREETS)}",
        "city": each.home.name,
        "country": "FR",
        "postcode": each.home.postcode,
        "latitude": each.home.latitude,
        "longitude": each.home.longitude,
    }


def _promise(each: Delivery, currency: str) -> dict[str, Any]:
    return {
        "mode": each.mode,
        "service": each.service.code,
        "promised_from": each.promised_on.isoformat(),
        "promised_on": each.promised_on.isoformat(),
        "price": str(each.price),
        "currency": currency,
        "co2e_g": each.co2e_g,
        "is_split": False,
        "degraded": False,
    }


def _tax(amount: Decimal) -> Decimal:
    return (amount - amount / (1 + TAX_RATE)).quantize(Decimal("0.01"))


def _write_work(orders: Sequence[Order], deliveries: Sequence[Delivery]) -> list[Parcel]:
    """Lines, their units, the work on them and its parcels."""
    lines = OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=1,
            variant=each.variant,
            sku=each.variant.sku,
            quantity=1,
            unit_price=order.subtotal,
            tax_rate=TAX_RATE,
            tax=_tax(order.subtotal),
            total=order.subtotal,
            mode=order.mode,
        )
        for order, each in zip(orders, deliveries, strict=True)
    )
    works = Fulfilment.objects.bulk_create(map(_work, orders, deliveries))
    held = Reservation.objects.bulk_create(map(_reservation, orders, deliveries))
    slices = Allocation.objects.bulk_create(
        Allocation(
            line=line,
            stock_point=work.stock_point,
            reservation=reservation,
            fulfilment=work,
            quantity=1,
            picked_quantity=1,
            state=AllocationState.DELIVERED,
            changed_at=work.changed_at,
        )
        for line, work, reservation in zip(lines, works, held, strict=True)
    )
    parcels = Parcel.objects.bulk_create(map(_parcel, works, deliveries))
    for parcel in parcels:
        parcel.tracking_number = tracking_number(parcel.pk)
    Parcel.objects.bulk_update(parcels, ["tracking_number"])
    ParcelLine.objects.bulk_create(
        ParcelLine(parcel=parcel, allocation=piece, quantity=1) for parcel, piece in zip(parcels, slices, strict=True)
    )
    return parcels


def _work(order: Order, each: Delivery) -> Fulfilment:
    limits = each.limits
    return Fulfilment(
        order=order,
        stock_point=each.point,
        mode=each.mode,
        service=each.service.code,
        zone=each.zone,
        state=FulfilmentState.COMPLETED,
        promised_on=each.promised_on,
        ships_on=each.ships_on,
        confirm_by=limits.confirm_by,
        release_by=limits.release_by,
        begin_by=limits.accept_by,
        due_at=limits.hand_over_by,
        accepted_at=each.placed_at,
        created_at=each.placed_at,
        changed_at=each.delivered_at,
    )


def _reservation(order: Order, each: Delivery) -> Reservation:
    return Reservation(
        owner=f"order:{order.number}",
        channel=order.channel,
        variant=each.variant,
        stock_point=each.point,
        quantity=1,
        state=ReservationState.CONSUMED,
        created_at=each.placed_at,
        ended_at=each.handed_over_at,
    )


def _parcel(work: Fulfilment, each: Delivery) -> Parcel:
    return Parcel(
        fulfilment=work,
        weight_g=each.weight_g,
        carrier=each.carrier,
        service=each.service.code,
        label_key=uuid4(),
        state=ParcelState.DELIVERED,
        handed_over_at=each.handed_over_at,
        delivered_at=each.delivered_at,
        created_at=each.packed_at,
    )


def _write_ledger(parcels: Sequence[Parcel], deliveries: Sequence[Delivery]) -> None:
    """What left, and with what it had come: levels stay the sum of their movements."""
    opened_at = clock.now() - OPENED
    came = Counter((each.variant.pk, each.point.pk) for each in deliveries)

    def movement(variant_id: int, point_id: int, kind: str, **more: Any) -> StockMovement:
        return StockMovement(variant_id=variant_id, stock_point_id=point_id, kind=kind, recorded_by="system", **more)

    StockMovement.objects.bulk_create(
        movement(
            *level,
            MovementKind.RECEIPT,
            reference=OPENING,
            quantity=units,
            occurred_at=opened_at,
            recorded_at=opened_at,
        )
        for level, units in came.items()
    )
    StockMovement.objects.bulk_create(
        movement(
            each.variant.pk,
            each.point.pk,
            MovementKind.SHIPMENT,
            reference=f"parcel:{parcel.pk}",
            quantity=-1,
            occurred_at=each.handed_over_at,
            recorded_at=each.handed_over_at,
        )
        for parcel, each in zip(parcels, deliveries, strict=True)
    )


def _write_money(orders: Sequence[Order], parcels: Sequence[Parcel], deliveries: Sequence[Delivery]) -> None:
    """Authorised with the order, captured with the parcel, and so in the books of the gateway."""
    authorised = SimulatedTransaction.objects.bulk_create(
        _booked(AUTHORISE, order, at=order.placed_at, method="card") for order in orders
    )
    captured = SimulatedTransaction.objects.bulk_create(
        _booked(CAPTURE, order, at=each.handed_over_at, authorisation=first)
        for order, each, first in zip(orders, deliveries, authorised, strict=True)
    )
    payments = Payment.objects.bulk_create(
        Payment(
            order=order,
            gateway="simulated",
            method="card",
            amount=order.total,
            currency=order.currency,
            captured=order.total,
            state=PaymentState.CAPTURED,
            gateway_reference=first.reference,
            created_at=order.placed_at,
        )
        for order, first in zip(orders, authorised, strict=True)
    )
    PaymentOperation.objects.bulk_create(
        _operation(payment, booked, reference)
        for payment, parcel, first, second in zip(payments, parcels, authorised, captured, strict=True)
        for booked, reference in ((first, ""), (second, f"parcel:{parcel.pk}"))
    )


def _booked(kind: str, order: Order, **more: Any) -> SimulatedTransaction:
    return SimulatedTransaction(
        key=new_key(kind),
        kind=kind,
        amount=order.total,
        currency=order.currency,
        truth=SimulatedTransaction.Truth.SUCCEEDED,
        answer=SimulatedTransaction.Told.TRUTH,
        **more,
    )


def _operation(payment: Payment, booked: SimulatedTransaction, reference: str) -> PaymentOperation:
    return PaymentOperation(
        payment=payment,
        kind=booked.kind,
        key=booked.key,
        amount=booked.amount,
        state=OperationState.SUCCEEDED,
        reference=reference,
        gateway_reference=booked.reference,
        asked_at=booked.at,
        answered_at=booked.at,
    )


def _write_story(orders: Sequence[Order], parcels: Sequence[Parcel], deliveries: Sequence[Delivery]) -> None:
    """For people the timeline, for the learning the outcomes, and what the carrier told."""
    stories = [_story(*each) for each in zip(orders, parcels, deliveries, strict=True)]
    TimelineEntry.objects.bulk_create(entry for story in stories for entry in story)
    CarrierEvent.objects.bulk_create(
        CarrierEvent(
            carrier=each.carrier,
            event_id=f"{parcel.tracking_number}-{kind.value}",
            parcel=parcel,
            tracking_number=parcel.tracking_number or "",
            kind=kind.value,
            occurred_at=at,
            received_at=at,
        )
        for parcel, each in zip(parcels, deliveries, strict=True)
        for kind, at in ((TrackingKind.IN_TRANSIT, _seen_at(each)), (TrackingKind.DELIVERED, each.delivered_at))
    )
    RunOutcome.objects.bulk_create(
        RunOutcome(
            reference=order.number,
            stock_point=each.point,
            kind=kind,
            at=at,
            began_at=began_at,
            service=each.service.code,
            zone=each.zone,
            data={"fulfilment": parcel.fulfilment_id},
        )
        for order, parcel, each in zip(orders, parcels, deliveries, strict=True)
        for kind, began_at, at in (
            (OutcomeKind.PACKED, each.placed_at, each.packed_at),
            (OutcomeKind.DELIVERED, each.handed_over_at, each.delivered_at),
        )
    )


def _seen_at(each: Delivery) -> Any:
    """The carrier's first hub, on the evening of the pick-up."""
    return min(each.handed_over_at + timedelta(hours=4), each.delivered_at - timedelta(hours=1))


def _story(order: Order, parcel: Parcel, each: Delivery) -> list[TimelineEntry]:
    work = {"fulfilment": parcel.fulfilment_id, "stock_point": each.point.code}
    number = parcel.tracking_number
    told: tuple[tuple[Any, str, dict[str, Any]], ...] = (
        (each.placed_at, "order.placed", {"units": 1}),
        (each.placed_at, "order.confirmed", {}),
        (each.placed_at, "fulfilment.assigned", work),
        (each.packed_at, "fulfilment.picked", {**work, "picked": {each.variant.sku: 1}}),
        (each.packed_at, "fulfilment.packed", {**work, "parcels": 1}),
        (each.packed_at, "parcel.labelled", {"parcel": parcel.pk, "tracking_number": number}),
        (each.handed_over_at, "fulfilment.handed_over", {**work, "tracking_numbers": [number]}),
        (each.handed_over_at, "order.fulfilled", {}),
        (_seen_at(each), "parcel.in_transit", {"parcel": parcel.pk}),
        (each.delivered_at, "parcel.delivered", {"parcel": parcel.pk}),
        (each.delivered_at, "fulfilment.delivered", {**work, "parcel": parcel.pk}),
    )
    return [TimelineEntry(order=order, at=at, event=event, actor="system", data=data) for at, event, data in told]
