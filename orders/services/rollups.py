"""The order's state follows from its lines' slices: one rule, written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from oms.core import clock
from oms.core.errors import ConcurrentChange
from oms.core.events import emit_many
from oms.core.prepared import prepared
from orders.models import Order
from orders.services.timeline import Entry, note_all
from orders.states import ORDER_MOVES, AllocationState, OrderState

_UNITS = """
SELECT o.id, o.state, a.state, sum(a.quantity) FROM orders_order o
JOIN orders_orderline l ON l.order_id = o.id JOIN orders_allocation a ON a.line_id = l.id
WHERE o.id = ANY(%s::bigint[]) GROUP BY o.id, o.state, a.state
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
    roll_up_orders(order_ids=[order_id])


def roll_up_orders(*, order_ids: Collection[int]) -> None:
    """As `roll_up_order` for each; orders that make the same move make it in one statement."""
    present: dict[int, str] = {}
    units: dict[int, dict[str, int]] = defaultdict(dict)
    for order_id, state, slice_state, quantity in prepared(_UNITS, [list(order_ids)]):
        present[order_id] = state
        units[order_id][slice_state] = quantity
    moving: dict[tuple[str, str], list[int]] = defaultdict(list)
    for order_id, state in sorted(present.items()):
        target = derived_state(state, units[order_id])
        if target != state:
            moving[state, target].append(order_id)
    for (state, target), moved in moving.items():
        _move(moved, frm=state, to=target)


def _move(order_ids: Sequence[int], *, frm: str, to: str) -> None:
    changes: dict[str, Any] = {"cancelled_at": clock.now()} if to == OrderState.CANCELLED else {}
    if ORDER_MOVES.move_all(Order.objects.filter(pk__in=order_ids), frm=frm, to=to, **changes) != len(order_ids):
        raise ConcurrentChange
    if to in (OrderState.FULFILLED, OrderState.CANCELLED):
        event = f"order.{to}"
        note_all([Entry(order_id, event, {}) for order_id in order_ids])
        emit_many(event, [{"order_id": order_id} for order_id in order_ids])
