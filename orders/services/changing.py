"""Changing where an order goes, or how: planned again at once, as long as nobody has begun to prepare it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from oms.core.audit import record_audit
from oms.core.errors import ConcurrentChange, Invalid, StateConflict
from oms.core.events import emit
from oms.orchestration.promises import AWAITING
from orders.errors import UnknownStockPoint
from orders.models import Allocation, Order, OrderLine
from orders.services.addresses import check_address
from orders.services.demands import place_demand
from orders.services.drafting import address_document, destination_of, promise_document
from orders.services.moving import apply_slices, move_stock
from orders.services.placements import Demand, Placement, Policy
from orders.services.pricing import tax_contained, tax_rate_for
from orders.services.recalling import give_back_places, take_back_works
from orders.services.repromising_awaited import promise_awaited
from orders.services.requests import Address, Slot
from orders.services.resolving import COLLECTED_MODES, DELIVERED_MODES, OFFERS
from orders.services.rollups import roll_up_order
from orders.services.standing import Standing, demand_of_order, lock_standing, read_standing
from orders.services.timeline import note
from orders.states import AllocationState, Mode, OrderState
from stock.errors import InsufficientStock
from stock.models import StockPoint

TRIES = 4
_CHANGEABLE = (OrderState.PENDING_PAYMENT, OrderState.CONFIRMED, OrderState.IN_PROGRESS)


@dataclass(frozen=True)
class ModeChange:
    """The new way to receive the goods, and what it needs to be told."""

    mode: str
    pickup_point: str | None = None
    relay_point: str = ""
    slot: Slot | None = None
    shipping_address: Address | None = None


def change_address(*, order_id: int, shipping_address: Address, billing_address: Address | None = None) -> Order:
    """Send it elsewhere. Raises `BadAddress`, or `StateConflict` once somebody prepares it."""
    check_address(shipping_address)
    changes: dict[str, Any] = {"shipping_address": address_document(shipping_address)}
    if billing_address is not None:
        check_address(billing_address, name="billing_address")
        changes["billing_address"] = address_document(billing_address)

    def redirect(standing: Standing) -> Demand:
        return replace(demand_of_order(standing), destination=destination_of(shipping_address), promised_on=None)

    return _change(order_id, redirect, changes, event="order.address_changed")


def change_mode(*, order_id: int, change: ModeChange) -> Order:
    """Receive it in another way: every line takes the new mode.

    Raises `Invalid` for what the mode lacks, `InsufficientStock` where its stock points do not have the
    goods, `StateConflict` once somebody prepares it; then nothing has changed.
    """
    order = Order.objects.get(pk=order_id)
    point = _pickup_point(change)
    _check_mode(order, change)
    address = change.shipping_address
    changes: dict[str, Any] = {
        "mode": change.mode,
        "pickup_point_id": point.pk if point else None,
        "relay_point": change.relay_point,
        "slot_from": change.slot.from_ if change.slot else None,
        "slot_to": change.slot.to if change.slot else None,
    }
    if address is not None:
        check_address(address)
        changes["shipping_address"] = address_document(address)

    def redirect(standing: Standing) -> Demand:
        demand = demand_of_order(standing)
        pickup_point_id = point.pk if point else None
        lines = tuple(replace(line, mode=change.mode, pickup_point_id=pickup_point_id) for line in demand.lines)
        destination = destination_of(address) if address else demand.destination
        return replace(demand, lines=lines, destination=destination, promised_on=None)

    return _change(order_id, redirect, changes, event="order.mode_changed")


def _pickup_point(change: ModeChange) -> StockPoint | None:
    if change.mode not in COLLECTED_MODES:
        return None
    if not change.pickup_point:
        raise Invalid(errors={"pickup_point": [gettext_noop("Needed where goods are collected.")]})
    point = StockPoint.objects.filter(code=change.pickup_point).first()
    if point is None:
        raise UnknownStockPoint(errors={"pickup_point": [f"There is no stock point {change.pickup_point}."]})
    if not getattr(point, OFFERS[Mode(change.mode)]):
        raise Invalid(errors={"pickup_point": [f"{point.code} does not offer this mode."]})
    return point


def _check_mode(order: Order, change: ModeChange) -> None:
    errors: dict[str, list[str]] = {}
    if change.mode == Mode.CARRY_OUT:
        errors["mode"] = [gettext_noop("Goods are carried out when they are sold, not later.")]
    if change.mode in DELIVERED_MODES and not (change.shipping_address or order.shipping_address):
        errors["shipping_address"] = [gettext_noop("Needed where goods are delivered.")]
    if change.mode == Mode.RELAY and not change.relay_point:
        errors["relay_point"] = [gettext_noop("Needed for delivery to a relay point.")]
    if change.mode == Mode.SLOT and change.slot is None:
        errors["slot"] = [gettext_noop("Needed for delivery in a slot.")]
    if errors:
        raise Invalid(errors=errors)


def _change(order_id: int, redirect: Any, changes: dict[str, Any], *, event: str) -> Order:
    """Plan what is wanted now, then move stock and slices and write the change, in one transaction."""
    for _ in range(TRIES):
        standing = read_standing(order_id, recalling=Q())
        _require_changeable(standing)
        demand = redirect(standing)
        channel = standing.order.channel
        backorders = Policy(allow_backorders=channel.allows_backorders, allow_preorders=channel.allows_preorders)
        placement = place_demand(demand, policy=backorders, trigger="changed", record=False)
        try:
            return _apply(standing, placement, changes, event)
        except (ConcurrentChange, InsufficientStock):
            continue
    raise ConcurrentChange


def _require_changeable(standing: Standing) -> None:
    """Every unit that is not cancelled must be open, or in work nobody has begun."""
    live = Allocation.objects.counted().filter(line__order=standing.order).exclude(state=AllocationState.CANCELLED)
    is_begun = live.exclude(pk__in=[piece.pk for piece in standing.open]).exists()
    if standing.order.state not in _CHANGEABLE or is_begun or not standing.open:
        raise StateConflict(
            gettext_noop("This order is being prepared, or over."),
            data={"state": standing.order.state, "on_hold": standing.is_held},
        )


@transaction.atomic
def _apply(standing: Standing, placement: Placement, changes: dict[str, Any], event: str) -> Order:
    moved = move_stock(standing, placement)
    give_back_places(standing)
    order = lock_standing(standing).order
    take_back_works(standing, "changed")
    apply_slices(moved)
    promise = promise_document(placement, shipping=order.shipping, currency=order.currency)
    Order.objects.filter(pk=order.pk).update(
        promise=promise,
        is_plan_told=False,
        promised_on=placement.promised_on,
        expected_on=None,
        confirm_by=placement.confirm_by,
        release_by=placement.release_by,
        **changes,
    )
    if "mode" in changes:
        OrderLine.objects.filter(order=order).update(mode=changes["mode"], pickup_point_id=changes["pickup_point_id"])
    _promise_what_waits(order)
    _tax_again(Order.objects.select_related("pickup_point", "selling_stock_point").get(pk=order.pk))
    note(order_id=order.pk, event=event)
    record_audit(event, subject=f"order:{order.number}", changes=_without_personal_data(changes))
    emit("order.sourcing_requested", order_id=order.pk)
    roll_up_order(order_id=order.pk)
    return Order.objects.get(pk=order.pk)


def _promise_what_waits(before: Order) -> None:
    """The plan is of what is there: what was promised of goods to come is promised anew too, where a day is known."""
    choice = (before.promise or {}).get("choice")
    order = Order.objects.select_related("channel").get(pk=before.pk)
    on = promise_awaited(order=order) if choice in AWAITING else None
    if on is None:
        return
    last = max(on, order.promised_on or on)
    promise = before.promise or {}
    told = {**promise, **(order.promise or {}), "choice": choice, "promised_on": last.isoformat()}
    if order.promise is None or order.consolidate:
        told["promised_from"] = told["promised_on"]
    Order.objects.filter(pk=order.pk).update(promised_on=last, promise=told)


def _tax_again(order: Order) -> None:
    """Prices stay as they were agreed; the tax in them is that of the country where the goods now change hands."""
    place = order.pickup_point or order.selling_stock_point
    country = place.country if place else None
    if order.shipping_address and order.mode in DELIVERED_MODES:
        country = order.shipping_address["country"]
    rate = tax_rate_for(country)
    lines = list(OrderLine.objects.filter(order=order))
    if all(line.tax_rate == rate for line in lines):
        return
    for line in lines:
        line.tax_rate, line.tax = rate, tax_contained(line.total, rate, order.currency)
    OrderLine.objects.bulk_update(lines, ["tax_rate", "tax"])
    tax = sum((line.tax for line in lines), tax_contained(order.shipping, rate, order.currency))
    Order.objects.filter(pk=order.pk).update(tax=tax)


def _without_personal_data(changes: dict[str, Any]) -> dict[str, Any]:
    """An address is told by its name only: audit rows cannot be erased."""
    return {
        name: "changed" if name.endswith("_address") else (value.isoformat() if hasattr(value, "isoformat") else value)
        for name, value in changes.items()
    }
