"""The order's state follows from its lines' slices: one rule, written once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Sum

from oms.core import clock
from oms.core.events import emit
from orders.models import Allocation, Order
from orders.services.timeline import note
from orders.states import ORDER_MOVES, AllocationState, OrderState

# Somebody has taken the work on, and the goods have not left for the customer yet.
_WORKED_ON = frozenset(
    {
        AllocationState.ASSIGNED,
        AllocationState.PICKING,
        AllocationState.PICKED,
        AllocationState.PACKED,
        AllocationState.IN_TRANSFER,
        AllocationState.READY_FOR_PICKUP,
    }
)
# Said by payments, the clock or a person, not by goods.
_NOT_DERIVED = frozenset({OrderState.EXPIRED, OrderState.CLOSED})


def derived_state(present: str, units: Mapping[str, int]) -> str:
    """What an order in state `present` is, given its units by slice state."""
    if present in _NOT_DERIVED:
        return present
    counted = {state: units[state] for state in units if units[state] and state not in AllocationState.history()}
    live = set(counted) - {AllocationState.CANCELLED}
    if not live:
        return OrderState.CANCELLED if counted else present
    if present == OrderState.PENDING_PAYMENT:
        return present
    if live <= AllocationState.done():
        return OrderState.FULFILLED
    if live & AllocationState.done():
        return OrderState.PARTIALLY_FULFILLED
    return OrderState.IN_PROGRESS if live & _WORKED_ON else OrderState.CONFIRMED


def units_by_state(order_id: int) -> dict[str, int]:
    return dict(
        Allocation.objects.filter(line__order_id=order_id).values_list("state").annotate(Sum("quantity")).order_by()
    )


def roll_up_order(*, order_id: int) -> Order:
    """Bring the order's state in line with its slices. The caller holds the order's lock."""
    order = Order.objects.get(pk=order_id)
    target = derived_state(order.state, units_by_state(order_id))
    if target == order.state:
        return order
    changes: dict[str, Any] = {"cancelled_at": clock.now()} if target == OrderState.CANCELLED else {}
    ORDER_MOVES.move(order, target, **changes)
    if target in (OrderState.FULFILLED, OrderState.CANCELLED):
        event = f"order.{target}"
        note(order_id=order_id, event=event)
        emit(event, order_id=order_id)
    return order
