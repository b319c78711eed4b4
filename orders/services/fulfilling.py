"""Giving planned goods to the stock points that prepare them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from oms.core import clock
from oms.core.events import emit_many
from oms.orchestration.baskets import ParcelPlan
from orders.models import Allocation, Fulfilment, Order
from orders.services.timeline import note
from orders.states import ALLOCATION_MOVES, AllocationState, FulfilmentState
from stock.models import StockPoint
from stock.models.stock_points import StockPointKind


@dataclass(frozen=True)
class Work:
    """One stock point's part of a plan, with the reserved slices it is for.

    `capacity_on`: the day on which it counts at a stock point with limited capacity.
    """

    parcel: ParcelPlan
    mode: str
    pickup_point_id: int | None
    acceptance_minutes: int | None
    capacity_on: date | None
    allocations: Sequence[Allocation]


def create_fulfilments(*, order: Order, works: Sequence[Work]) -> list[Fulfilment]:
    """One fulfilment for each work; its slices are offered to a store, assigned to any other stock point.

    The order is locked, the slices are `reserved`, capacity is taken.
    """
    now = clock.now()
    points = StockPoint.objects.in_bulk({work.parcel.stock_point_id for work in works})
    fulfilments = Fulfilment.objects.bulk_create(
        _fulfilment(order, work, is_offered=points[work.parcel.stock_point_id].kind == StockPointKind.STORE)
        for work in works
    )
    for fulfilment, work in zip(fulfilments, works, strict=True):
        is_offered = fulfilment.state == FulfilmentState.OFFERED
        ALLOCATION_MOVES.move_all(
            Allocation.objects.filter(pk__in=[piece.pk for piece in work.allocations]),
            frm=AllocationState.RESERVED,
            to=AllocationState.OFFERED if is_offered else AllocationState.ASSIGNED,
            fulfilment=fulfilment,
            changed_at=now,
        )
        note(
            order_id=order.pk,
            event=f"fulfilment.{'offered' if is_offered else 'assigned'}",
            fulfilment=fulfilment.pk,
            stock_point=points[work.parcel.stock_point_id].code,
        )
    emit_many(
        "fulfilment.created",
        [{"order_id": order.pk, "fulfilment_id": fulfilment.pk} for fulfilment in fulfilments],
    )
    return fulfilments


def _fulfilment(order: Order, work: Work, *, is_offered: bool) -> Fulfilment:
    now, minutes = clock.now(), work.acceptance_minutes
    return Fulfilment(
        order=order,
        stock_point_id=work.parcel.stock_point_id,
        pickup_point_id=work.pickup_point_id,
        mode=work.mode,
        service=work.parcel.service,
        state=FulfilmentState.OFFERED if is_offered else FulfilmentState.ACCEPTED,
        promised_on=work.parcel.promised_on,
        ships_on=work.parcel.ships_on,
        due_at=work.parcel.ready_at,
        accept_by=now + timedelta(minutes=minutes) if is_offered and minutes is not None else None,
        accepted_at=None if is_offered else now,
        capacity_on=work.capacity_on,
        created_at=now,
        changed_at=now,
    )
