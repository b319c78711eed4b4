"""From a request to the rows of an order, not yet written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import repeat
from typing import Any

from django.conf import settings

from oms.core import clock
from oms.core.money import quantise
from oms.orchestration.baskets import Destination
from oms.orchestration.promises import Promise
from oms.sourcing.house import SERVICE as HOUSE
from orders.gateways.simulated import PAYMENT_LINK
from orders.models import Allocation
from orders.services.numbering import new_order_number
from orders.services.operations import Kind, new_key
from orders.services.placements import Demand, DemandLine, Placement
from orders.services.pricing import PricedOrder, payment_amounts, price_order
from orders.services.promised import kept_parcels, promise_of, promised_later
from orders.services.requests import Address, OrderRequest
from orders.services.resolving import DELIVERED_MODES, Resolved, line_mode, line_pickup_point
from orders.states import AllocationState, Mode, OperationState, OrderState, PaymentState
from stock.models import Reservation
from stock.models.channels import ChannelKind
from stock.queries.holds import hold_reservations

Values = dict[str, Any]
"""Columns and what is written to them."""


@dataclass(frozen=True)
class Draft:
    """A request with everything it names found and priced: what each attempt to place it starts from.

    `payment_amounts` None: not known before the plan says what transport costs.
    """

    request: OrderRequest
    resolved: Resolved
    priced: PricedOrder
    payment_amounts: Sequence[Decimal] | None
    hold: Sequence[Reservation]
    number: str
    promise: Promise | None = None

    @property
    def owner(self) -> str:
        """How stock knows the order."""
        return f"order:{self.number}"

    def again(self) -> Draft:
        """For another attempt: the number may have been taken, the cart's hold may have changed."""
        return replace(self, number=new_order_number(clock.now()), hold=_hold(self.request, self.resolved))

    @property
    def is_confirmed_at_once(self) -> bool:
        """Nothing is to be paid here: the marketplace was paid, the store will be, or the total is nothing."""
        request = self.request
        if request.payments:
            return False
        only_reserved = all(line_mode(request, line) == Mode.E_RESERVATION for line in request.lines)
        return self.resolved.channel.kind == ChannelKind.MARKETPLACE or only_reserved or not self.priced.total


def draft_order(request: OrderRequest, resolved: Resolved) -> Draft:
    """Raises `Invalid` or `WrongTotal` where amounts do not fit."""
    promise = promise_of(request, resolved)
    shipping_price = request.shipping_price if promise is None else promise.price
    priced = _priced(request, resolved, shipping_price or Decimal(0))
    return Draft(
        request=request,
        resolved=resolved,
        priced=priced,
        payment_amounts=None if shipping_price is None else _amounts(request, priced),
        hold=_hold(request, resolved),
        number=new_order_number(clock.now()),
        promise=promise,
    )


def priced_as_planned(draft: Draft, placement: Placement) -> Draft:
    """With the service's price, where neither the request nor a promise says what transport costs.

    Raises `WrongTotal` where the payments do not add up to the total.
    """
    if draft.payment_amounts is not None:
        return draft
    priced = draft.priced
    shipping_price = quantise(placement.shipping_price, priced.currency)
    if shipping_price != priced.shipping:
        priced = _priced(draft.request, draft.resolved, shipping_price)
    return replace(draft, priced=priced, payment_amounts=_amounts(draft.request, priced))


def _priced(request: OrderRequest, resolved: Resolved, shipping_price: Decimal) -> PricedOrder:
    return price_order(
        lines=request.lines,
        variant_prices={sku: article.price for sku, article in resolved.articles.items()},
        shipping_price=shipping_price,
        country=_country(request, resolved),
        currency=resolved.channel.currency,
    )


def _amounts(request: OrderRequest, priced: PricedOrder) -> Sequence[Decimal]:
    return payment_amounts(request.payments, total=priced.total, currency=priced.currency)


def _hold(request: OrderRequest, resolved: Resolved) -> Sequence[Reservation]:
    """What the cart holds; one that is over, or was another channel's, holds nothing."""
    return hold_reservations(request.reservation, resolved.channel.pk) if request.reservation else ()


def _country(request: OrderRequest, resolved: Resolved) -> str | None:
    """Where the goods change hands: that country's tax is in the prices."""
    if request.shipping_address is not None and request.mode in DELIVERED_MODES:
        return request.shipping_address.country
    place = request.pickup_point or request.selling_stock_point
    return resolved.points[place].country if place else None


def demand_of(draft: Draft) -> Demand:
    """What the order wants; line keys are positions, from 1."""
    request, resolved = draft.request, draft.resolved
    own: dict[tuple[int, int], int] = {}
    for held in draft.hold:
        key = (held.variant_id, held.stock_point_id)
        own[key] = own.get(key, 0) + held.quantity
    lines = tuple(
        DemandLine(
            key=str(position),
            variant_id=resolved.articles[line.sku].pk,
            sku=line.sku,
            quantity=line.quantity,
            mode=line_mode(request, line),
            pickup_point_id=resolved.point_id(line_pickup_point(request, line)),
        )
        for position, line in enumerate(request.lines, start=1)
    )
    return Demand(
        reference=draft.number,
        channel_id=resolved.channel.pk,
        lines=lines,
        destination=destination_of(request.shipping_address),
        selling_stock_point_id=resolved.point_id(request.selling_stock_point),
        own_units=own,
        is_allotted=resolved.channel.has_allotments,
        order_value=draft.priced.subtotal,
        kept=kept_parcels(draft.promise, lines) if draft.promise else (),
        awaited=promised_later(draft.promise, lines) if draft.promise else (),
        customer_class=request.customer.class_,
        tags=request.tags,
    )


def destination_of(address: Address | None) -> Destination | None:
    if address is None:
        return None
    return Destination(
        country=address.country,
        postcode=address.postcode,
        latitude=address.latitude,
        longitude=address.longitude,
    )


def order_values(draft: Draft, placement: Placement) -> Values:
    """The order's columns, but for its id."""
    request, resolved, priced = draft.request, draft.resolved, draft.priced
    now = clock.now()
    # What waits for the rest leaves with it: its milestones are not those of what lies there already, and are found
    # with the day of what is awaited (`repromising_awaited`).
    waits = draft.promise is not None and draft.promise.consolidates
    confirmed = draft.is_confirmed_at_once
    return {
        "number": draft.number,
        "channel_id": resolved.channel.pk,
        "external_reference": request.external_reference,
        "content_hash": request.content_hash,
        "mode": request.mode,
        "state": (OrderState.CONFIRMED if confirmed else OrderState.PENDING_PAYMENT).value,
        "customer_name": request.customer.name,
        "customer_email": request.customer.email,
        "customer_phone": request.customer.phone,
        "customer_class": request.customer.class_,
        "tags": list(request.tags),
        "shipping_address": address_document(request.shipping_address),
        "billing_address": address_document(request.billing_address),
        "pickup_point_id": resolved.point_id(request.pickup_point),
        "selling_stock_point_id": resolved.point_id(request.selling_stock_point),
        "relay_point": request.relay_point,
        "slot_from": request.slot.from_ if request.slot else None,
        "slot_to": request.slot.to if request.slot else None,
        "language": request.language or settings.LANGUAGE_CODE,
        "currency": priced.currency,
        "subtotal": priced.subtotal,
        "shipping": priced.shipping,
        "tax": priced.tax,
        "total": priced.total,
        "consolidate": request.consolidate or (draft.promise is not None and draft.promise.consolidates),
        "promise": _promised(draft, placement),
        "is_plan_told": draft.promise is not None,
        "promised_on": draft.promise.promised_on if draft.promise else placement.promised_on,
        "confirm_by": None if waits else placement.confirm_by,
        "release_by": None if waits else placement.release_by,
        "hops": 0,
        "needs_attention": "",
        "placed_at": now,
        "confirmed_at": now if confirmed else None,
        "pay_by": None if confirmed else pay_by(now),
        "cancelled_at": None,
        "refused_at": None,
    }


def _promised(draft: Draft, placement: Placement) -> Values | None:
    """With the days of the promise that was given, where there was one: it may reach beyond what is there now."""
    told = promise_document(placement, shipping=draft.priced.shipping, currency=draft.priced.currency)
    given = draft.promise
    if given is None or not given.later:
        return told
    nothing_yet: Values = {
        "mode": given.mode,
        "service": HOUSE,
        "price": str(given.price),
        "currency": given.currency,
        "co2e_g": 0,
        "is_split": False,
        "degraded": False,
    }
    days = {"promised_from": given.promised_from.isoformat(), "promised_on": given.promised_on.isoformat()}
    choice = {"choice": given.choice} if all(each.available_on for each in given.later) else {}
    return {**(told or nothing_yet), **days, **choice}


def event_of(draft: Draft) -> str | None:
    """What writing the order tells others; nothing while a gateway is still to answer."""
    if draft.is_confirmed_at_once:
        return "order.placed"
    is_asked_by_link = any(payment.method == PAYMENT_LINK for payment in draft.request.payments)
    return "payment.awaited" if is_asked_by_link else None


def pay_by(now: datetime) -> datetime:
    return now + timedelta(minutes=settings.ORDER_PAY_WITHIN_MINUTES)


def address_document(address: Address | None) -> dict[str, Any] | None:
    """As stored and as answered: only what was given."""
    if address is None:
        return None
    given = {name: getattr(address, name) for name in Address.__dataclass_fields__}
    return {name: value for name, value in given.items() if value not in ("", None)}


def promise_document(placement: Placement, *, shipping: Decimal, currency: str) -> dict[str, Any] | None:
    """What the customer is promised; None while nothing of it can be sent."""
    plans = [(mode, plan) for mode, plan in zip(placement.modes, placement.plans, strict=True) if plan.parcels]
    if not plans:
        return None
    parcels = [parcel for _, plan in plans for parcel in plan.parcels]
    return {
        "mode": plans[0][0],
        "service": parcels[0].service,
        "promised_from": min(parcel.promised_from for parcel in parcels).isoformat(),
        "promised_on": max(parcel.promised_on for parcel in parcels).isoformat(),
        "price": str(shipping),
        "currency": currency,
        "co2e_g": sum(plan.co2e_g for _, plan in plans),
        "is_split": len(parcels) > 1,
        "degraded": any(plan.is_degraded for _, plan in plans),
    }


def line_values(draft: Draft, placement: Placement) -> list[Values]:
    request, resolved = draft.request, draft.resolved
    cancelled: dict[str, int] = {}
    for piece in placement.slices:
        if piece.state == AllocationState.CANCELLED:
            cancelled[piece.key] = cancelled.get(piece.key, 0) + piece.quantity
    return [
        {
            "position": position,
            "variant_id": resolved.articles[line.sku].pk,
            "sku": line.sku,
            "quantity": line.quantity,
            "cancelled_quantity": cancelled.get(str(position), 0),
            "unit_price": priced.unit_price,
            "discount": priced.discount,
            "tax_rate": draft.priced.tax_rate,
            "tax": priced.tax,
            "total": priced.total,
            "mode": line_mode(request, line),
            "pickup_point_id": resolved.point_id(line_pickup_point(request, line)),
        }
        for position, (line, priced) in enumerate(zip(request.lines, draft.priced.lines, strict=True), start=1)
    ]


def slice_values(placement: Placement, reservation_ids: Sequence[int] | None) -> list[Values]:
    """One per slice, its line by position; `reservation_ids` in the order of the reserving slices, where known."""
    now = clock.now()
    ids = iter(reservation_ids) if reservation_ids is not None else repeat(None)
    return [
        {
            "line_id": int(piece.key),
            "stock_point_id": piece.stock_point_id,
            "reservation_id": next(ids) if piece.stock_point_id is not None else None,
            "quantity": piece.quantity,
            "picked_quantity": 0,
            "state": str(piece.state),
            "reason": piece.reason,
            "give_up_at": piece.give_up_at,
            "promised_on": piece.promised_on,
            "changed_at": now,
        }
        for piece in placement.slices
    ]


def payment_values(draft: Draft) -> tuple[list[Values], list[Values]]:
    """The payments, numbered from 1, and the operation that authorises each, by that number."""
    now, nothing = clock.now(), Decimal(0)
    payments: list[Values] = []
    operations: list[Values] = []
    for place, (payment, amount) in enumerate(
        zip(draft.request.payments, draft.payment_amounts or (), strict=True), start=1
    ):
        payments.append(
            {
                "id": place,
                "gateway": payment.gateway,
                "method": payment.method,
                "token": payment.token,
                "amount": amount,
                "currency": draft.priced.currency,
                "captured": nothing,
                "voided": nothing,
                "refunded": nothing,
                "state": PaymentState.PENDING.value,
                "gateway_reference": "",
                "created_at": now,
            }
        )
        operations.append(
            {
                "payment_id": place,
                "kind": Kind.AUTHORISE.value,
                "key": new_key(Kind.AUTHORISE.value),
                "amount": amount,
                "state": OperationState.PENDING.value,
                "reference": "",
                "gateway_reference": "",
                "failure": "",
                "asked_at": now,
            }
        )
    return payments, operations


def slices_as_rows(placement: Placement, line_ids: dict[str, int], reservation_ids: Sequence[int]) -> list[Allocation]:
    now = clock.now()
    ids = iter(reservation_ids)
    return [
        Allocation(
            line_id=line_ids[piece.key],
            stock_point_id=piece.stock_point_id,
            reservation_id=next(ids) if piece.stock_point_id is not None else None,
            quantity=piece.quantity,
            state=piece.state,
            reason=piece.reason,
            give_up_at=piece.give_up_at,
            promised_on=piece.promised_on,
            changed_at=now,
        )
        for piece in placement.slices
    ]
