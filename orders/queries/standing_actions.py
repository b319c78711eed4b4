"""What may be done with an order now, for screens that show only that. The services decide again."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.db.models import Sum

from orders.models import Allocation, Order, Parcel, Payment, PaymentOperation
from orders.states import ALLOCATION_MOVES, ORDER_MOVES, PARCEL_MOVES, AllocationState, OrderState, ParcelState

_FREE = (
    AllocationState.RESERVED,
    AllocationState.OFFERED,
    AllocationState.ASSIGNED,
    AllocationState.UNFILLABLE,
    AllocationState.BACKORDERED,
)
_RUNNING = (OrderState.CONFIRMED, OrderState.IN_PROGRESS, OrderState.PARTIALLY_FULFILLED)


def actions_allowed(order: Order, *, slice_states: Collection[str], is_held: bool, has_left: bool) -> list[str]:
    """Names among `release, hold, reroute, assign, cancel`, in this order. `has_left`: stock of a slice is spent."""
    live = [state for state in slice_states if state not in (*AllocationState.history(), AllocationState.CANCELLED)]
    can_cancel = (
        not has_left
        and ORDER_MOVES.allows(order.state, OrderState.CANCELLED)
        and all(ALLOCATION_MOVES.allows(state, AllocationState.CANCELLED) for state in live)
    )
    allowed = {
        "release": is_held,
        "hold": order.state in _RUNNING and not is_held,
        "reroute": order.state in _RUNNING
        and not is_held
        and any(ALLOCATION_MOVES.allows(state, AllocationState.RESERVED) for state in live),
        "assign": order.state in _RUNNING and not is_held and any(state in _FREE for state in live),
        "cancel": can_cancel,
    }
    return [name for name, is_allowed in allowed.items() if is_allowed]


def money_actions_allowed(order: Order, *, is_held: bool) -> list[str]:
    """Names among `capture, refund`: a refused capture may be asked for again, what was captured given back."""
    refused = PaymentOperation.objects.refused().filter(payment__order=order, kind=PaymentOperation.Kind.CAPTURE)
    allowed = {"capture": not is_held and refused.exists(), "refund": refundable(order) > 0}
    return [name for name, is_allowed in allowed.items() if is_allowed]


def change_actions_allowed(order: Order) -> list[str]:
    """Names among `address, mode, units`: as long as nobody has begun, the goods may go elsewhere or not at all.

    Units are cancelled as long as any of theirs is free, whatever became of the others; the last of an order is not
    a part of it: the order is cancelled.
    """
    may_change = may_still_change(order)
    free = sum(cancellable_units(order).values())
    allowed = {
        "address": may_change and order.shipping_address is not None,
        "mode": may_change,
        "units": order.state in (OrderState.PENDING_PAYMENT, *_RUNNING) and free > 0 and _live_units(order) > 1,
    }
    return [name for name, is_allowed in allowed.items() if is_allowed]


def _live_units(order: Order) -> int:
    live = Allocation.objects.counted().filter(line__order=order).exclude(state=AllocationState.CANCELLED)
    units: int | None = live.aggregate(units=Sum("quantity"))["units"]
    return units or 0


def parcels_on_their_way(order: Order) -> list[Parcel]:
    """Those that may be lost: they left and have not arrived."""
    losable = [state for state in ParcelState.values if PARCEL_MOVES.allows(state, ParcelState.LOST)]
    return list(Parcel.objects.filter(fulfilment__order=order, state__in=losable).order_by("pk"))


def refundable(order: Order) -> Decimal:
    """What was captured and neither given back, asked back yet, nor spent on another order."""
    left = Sum("captured") - Sum("transferred")
    captured: Decimal = Payment.objects.filter(order=order).aggregate(amount=left)["amount"] or Decimal(0)
    refunds = PaymentOperation.objects.live().filter(payment__order=order, kind=PaymentOperation.Kind.REFUND)
    asked: Decimal = refunds.aggregate(amount=Sum("amount"))["amount"] or Decimal(0)
    return captured - asked


def refunds_asked(order: Order) -> int:
    """How many refunds were ever asked for, whatever came of them."""
    kind = PaymentOperation.Kind.REFUND
    return PaymentOperation.objects.filter(payment__order=order, kind=kind).values("reference").distinct().count()


def may_still_change(order: Order) -> bool:
    """Whether no unit of it is in anybody's hands yet: then its address and mode may change."""
    if order.state not in (OrderState.PENDING_PAYMENT, OrderState.CONFIRMED, OrderState.IN_PROGRESS):
        return False
    live = Allocation.objects.counted().filter(line__order=order).exclude(state=AllocationState.CANCELLED)
    free = live.not_begun()
    return free.exists() and not live.exclude(pk__in=free.values("pk")).exists()


def cancellable_units(order: Order) -> dict[int, int]:
    """Line id → how many of its units nobody has begun to prepare."""
    units: dict[int, int] = {}
    free = Allocation.objects.filter(line__order=order).not_begun()
    for line_id, quantity in free.values_list("line_id", "quantity"):
        units[line_id] = units.get(line_id, 0) + quantity
    return units
