"""Money that comes when the order is over: reserved anew, back-ordered, or given back with notice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from oms.core.errors import ConcurrentChange
from oms.core.events import emit
from oms.orchestration.services.recording import save_runs
from orders.models import Allocation, Order, OrderLine, Payment
from orders.services.demands import place_demand
from orders.services.drafting import slices_as_rows
from orders.services.lowering import owed_for
from orders.services.paying import EXPIRED, confirm_order, sync_cancelled_quantities
from orders.services.placements import Demand, Placement, Policy
from orders.services.standing import demand_line, destination_of_order, told_of
from orders.services.timeline import note
from orders.states import AllocationState, OrderState, PaymentState
from stock.errors import InsufficientStock
from stock.services.reserving import Want, reserve_stock

TRIGGER = "paid_late"
TRIES = 4


def revive_order(*, order_id: int) -> Order:
    """An expired order whose payment succeeded after all: confirmed with fresh reservations.

    Where its goods are gone and the channel does not let them wait, or its basket was given back to be sold anew,
    `payment.returned` is emitted and the money is given back. Any other order is left as it is, but what a
    cancelled one was paid is given back.
    """
    for _ in range(TRIES):
        order = Order.objects.select_related("channel").get(pk=order_id)
        if order.state != OrderState.EXPIRED or not _is_paid(order) or not _expired_slices(order):
            break
        demand = _demand(order)
        try:
            policy = Policy(
                allow_backorders=order.channel.allows_backorders, allow_preorders=order.channel.allows_preorders
            )
            placement = place_demand(demand, policy=policy, trigger=TRIGGER)
        except InsufficientStock:
            return _give_back(order_id)
        try:
            return _revive(order, placement)
        except (InsufficientStock, ConcurrentChange):
            continue
    order = Order.objects.get(pk=order_id)
    return order if order.state == OrderState.CONFIRMED else _give_back(order_id)


def _is_paid(order: Order) -> bool:
    """All that was not cancelled, whatever was refused before."""
    authorised = Payment.objects.filter(order=order, state=PaymentState.AUTHORISED)
    paid: Decimal | None = authorised.aggregate(amount=Sum("amount"))["amount"]
    return paid is not None and paid >= owed_for(order)


def _expired_slices(order: Order) -> list[Allocation]:
    """What the customer himself cancelled before it expired stays cancelled."""
    return list(
        Allocation.objects.filter(line__order=order, state=AllocationState.CANCELLED, reason=EXPIRED).order_by("pk")
    )


def _demand(order: Order) -> Demand:
    units: dict[int, int] = {}
    for piece in _expired_slices(order):
        units[piece.line_id] = units.get(piece.line_id, 0) + piece.quantity
    lines = OrderLine.objects.filter(pk__in=units).order_by("position")
    return Demand(
        reference=order.number,
        channel_id=order.channel_id,
        lines=tuple(demand_line(line, units[line.pk]) for line in lines),
        destination=destination_of_order(order),
        selling_stock_point_id=order.selling_stock_point_id,
        is_allotted=order.channel.has_allotments,
        order_value=order.subtotal,
        **told_of(order),
    )


@transaction.atomic
def _revive(read: Order, placement: Placement) -> Order:
    pieces = placement.reserving
    ids = reserve_stock(
        owner=f"order:{read.number}",
        channel_id=read.channel_id,
        wants=[Want(piece.variant_id, piece.stock_point_id or 0, piece.quantity) for piece in pieces],
    )
    order = Order.objects.locked(read.pk)
    Payment.objects.locked(read.pk)
    expired = _expired_slices(order)
    if order.state != OrderState.EXPIRED or not _is_paid(order) or not expired:
        raise ConcurrentChange
    Allocation.objects.filter(pk__in=[piece.pk for piece in expired]).delete()
    keys = {piece.key for piece in placement.slices}
    rows = slices_as_rows(placement, {key: int(key) for key in keys}, ids)
    Allocation.objects.bulk_create(_as_told(rows, expired))
    sync_cancelled_quantities(order.pk)
    save_runs(runs=placement.runs)
    note(order_id=order.pk, event="payment.authorised_late")
    confirm_order(order)
    return order


def _as_told(rows: list[Allocation], expired: list[Allocation]) -> list[Allocation]:
    """Its customer still counts on the day of the promise, of each line on the last it was told."""
    days: dict[int, date] = {}
    for piece in expired:
        if piece.promised_on is not None:
            days[piece.line_id] = max(piece.promised_on, days.get(piece.line_id, piece.promised_on))
    for row in rows:
        row.promised_on = days.get(row.line_id)
    return rows


@transaction.atomic
def _give_back(order_id: int) -> Order:
    """The customer is told and the authorisations are voided, by whoever hears the events."""
    order = Order.objects.locked(order_id)
    paid = Payment.objects.filter(order=order, state=PaymentState.AUTHORISED)
    is_over = order.state in (OrderState.EXPIRED, OrderState.CANCELLED)
    if is_over and paid.exclude(operations__kind="void").exists():
        note(order_id=order_id, event="payment.returned")
        emit("payment.returned", order_id=order_id)
    return order
