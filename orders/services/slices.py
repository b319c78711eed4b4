"""Cutting slices: quantities move between rows, the sum of a line never changes."""

from __future__ import annotations

from collections.abc import Sequence

from oms.core import clock
from orders.models import Allocation, Exclusion
from orders.states import ALLOCATION_MOVES, AllocationState


def cut(allocation: Allocation, quantity: int, *, reservation_id: int | None) -> Allocation:
    """Take `quantity` units off a slice, as a new slice in the same state.

    `reservation_id` is the part of the reservation that goes with them (stock has split it already).
    The caller holds the slice's lock.
    """
    if not 0 < quantity < allocation.quantity:
        raise ValueError("a slice is cut into two parts, neither of them empty")
    allocation.quantity -= quantity
    allocation.picked_quantity = min(allocation.picked_quantity, allocation.quantity)
    allocation.save(update_fields=["quantity", "picked_quantity"])
    return Allocation.objects.create(
        line_id=allocation.line_id,
        stock_point_id=allocation.stock_point_id,
        reservation_id=reservation_id,
        fulfilment_id=allocation.fulfilment_id,
        quantity=quantity,
        state=allocation.state,
        reason=allocation.reason,
        promised_on=allocation.promised_on,
        expected_on=allocation.expected_on,
        changed_at=clock.now(),
    )


def give_up(allocation: Allocation, *, to: str, reason: str) -> Allocation:
    """Turn a slice into history and put a new one, waiting for another stock point, in its place.

    Its reservation has been released or spent already.
    """
    ALLOCATION_MOVES.move(allocation, to, reason=reason, changed_at=clock.now())
    return Allocation.objects.create(
        line_id=allocation.line_id,
        quantity=allocation.quantity,
        state=AllocationState.UNFILLABLE,
        reason=reason,
        promised_on=allocation.promised_on,
        expected_on=allocation.expected_on,
        changed_at=clock.now(),
    )


def exclude(allocations: Sequence[Allocation], *, stock_point_id: int, reason: str) -> None:
    """The stock point is not asked again for these lines."""
    Exclusion.objects.bulk_create(
        [
            Exclusion(line_id=line_id, stock_point_id=stock_point_id, reason=reason, at=clock.now())
            for line_id in sorted({allocation.line_id for allocation in allocations})
        ],
        ignore_conflicts=True,
    )
