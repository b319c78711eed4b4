"""The order's state follows from its lines' slices: one rule, written once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oms.core import clock
from oms.core.events import emit
from oms.core.prepared import prepared
from orders.models import Order
from orders.services.timeline import note
from orders.states import ORDER_MOVES, AllocationState, OrderState

_UNITS = """
SELECT o.state, a.state, sum(a.quantity) FROM orders_order o
JOIN orders_orderline l ON l.order_id = o.id JOIN orders_allocation a ON a.line_id = l.id
WHERE o.id = %s::bigint GROUP BY o.state, a.state
"""

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


def roll_up_order(*, order_id: int) -> None:
    """Bring the order's state in line with its slices. The caller holds the order's lock."""
    rows = prepared(_UNITS, [order_id])
    if not rows or derived_state(rows[0][0], {state: units for _, state, units in rows}) == rows[0][0]:
        return
    order = Order.objects.only("state").get(pk=order_id)
    target = derived_state(order.state, {state: units for _, state, units in rows})
    changes: dict[str, Any] = {"cancelled_at": clock.now()} if target == OrderState.CANCELLED else {}
    ORDER_MOVES.move(order, target, **changes)
    if target in (OrderState.FULFILLED, OrderState.CANCELLED):
        event = f"order.{target}"
        note(order_id=order_id, event=event)
        emit(event, order_id=order_id)
