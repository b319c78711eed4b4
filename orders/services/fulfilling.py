"""Giving planned goods to the stock points that prepare them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from oms.core import clock
from oms.core.errors import ConcurrentChange
from oms.core.events import emit_many
from oms.core.prepared import prepared_cursor
from oms.orchestration.baskets import ParcelPlan
from oms.orchestration.queries.capacity import Place
from oms.sourcing.calendars import ready_at, work_calendar, zone
from orders.models import Allocation, Fulfilment, Order
from orders.services.timeline import Entry, note_all
from orders.states import AllocationState, FulfilmentState
from stock.models import StockPoint
from stock.models.stock_points import StockPointKind


@dataclass(frozen=True)
class Work:
    """One stock point's part of an order's plan, with the reserved slices it is for: one at least.

    `place`: the day, and the opening hour, on which it counts at a stock point with limited capacity.
    """

    order: Order
    parcel: ParcelPlan
    mode: str
    pickup_point_id: int | None
    acceptance_minutes: int | None
    place: Place | None
    allocations: Sequence[Allocation]


def create_fulfilments(*, works: Sequence[Work]) -> list[Fulfilment]:
    """One fulfilment for each work; its slices are offered to a store, assigned to any other stock point.

    Work that is offered to several stores is one more fulfilment at each of the others.

    The orders are locked, the slices are `reserved`, capacity is taken; as many statements for many orders
    as for one. Raises `ConcurrentChange` where a slice is reserved no more.
    """
    if not works:
        return []
    asked = [parcel for work in works for parcel in (work.parcel, *work.parcel.alternatives)]
    told = StockPoint.objects.only("code", "kind", "timezone", "opening_hours", "closed_on")
    points = told.in_bulk({parcel.stock_point_id for parcel in asked})
    leads = Fulfilment.objects.bulk_create(_fulfilment(work, points) for work in works)
    _hand_slices(leads, works)
    beside = Fulfilment.objects.bulk_create(
        _beside(lead, parcel)
        for lead, work in zip(leads, works, strict=True)
        if lead.state == FulfilmentState.OFFERED
        for parcel in work.parcel.alternatives
    )
    fulfilments = [*leads, *beside]
    note_all([_entry(fulfilment, points) for fulfilment in fulfilments])
    emit_many(
        "fulfilment.created",
        [{"order_id": fulfilment.order_id, "fulfilment_id": fulfilment.pk} for fulfilment in fulfilments],
    )
    return fulfilments


_HAND_SLICES = """
UPDATE orders_allocation AS slice SET state = given.state, fulfilment_id = given.fulfilment_id, changed_at = %s
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS given (id, fulfilment_id, state)
WHERE slice.id = given.id AND slice.state = %s
"""


def _hand_slices(leads: Sequence[Fulfilment], works: Sequence[Work]) -> None:
    """One guarded move for the slices of all works: each goes to a fulfilment of its own."""
    given = [
        (piece.pk, lead.pk, _handed(lead))
        for lead, work in zip(leads, works, strict=True)
        for piece in work.allocations
    ]
    columns = [list(column) for column in zip(*given, strict=True)]
    with prepared_cursor() as cursor:
        cursor.execute(_HAND_SLICES, [clock.now(), *columns, AllocationState.RESERVED.value])
        if cursor.rowcount != len(given):
            raise ConcurrentChange


def _handed(lead: Fulfilment) -> str:
    """The state of slices given to it."""
    state = AllocationState.OFFERED if lead.state == FulfilmentState.OFFERED else AllocationState.ASSIGNED
    return state.value


def _entry(fulfilment: Fulfilment, points: Mapping[int, StockPoint]) -> Entry:
    told = "offered" if fulfilment.state == FulfilmentState.OFFERED else "assigned"
    code = points[fulfilment.stock_point_id].code
    return Entry(fulfilment.order_id, f"fulfilment.{told}", {"fulfilment": fulfilment.pk, "stock_point": code})


def _beside(lead: Fulfilment, parcel: ParcelPlan) -> Fulfilment:
    return Fulfilment(
        order=lead.order,
        stock_point_id=parcel.stock_point_id,
        pickup_point_id=lead.pickup_point_id,
        mode=lead.mode,
        service=parcel.service,
        zone=parcel.zone,
        state=FulfilmentState.OFFERED,
        promised_on=parcel.promised_on,
        ships_on=parcel.ships_on,
        **_milestones(parcel),
        accept_by=lead.accept_by,
        lead=lead,
        created_at=lead.created_at,
        changed_at=lead.created_at,
    )


def _milestones(parcel: ParcelPlan) -> dict[str, datetime | None]:
    """The columns that say by when each step keeps the promised day."""
    told = parcel.milestones
    return {
        "confirm_by": told.confirm_by if told else None,
        "release_by": told.release_by if told else None,
        "begin_by": told.accept_by if told else None,
        "due_at": told.hand_over_by if told else parcel.ready_at,
    }


def _accept_by(work: Work, points: Mapping[int, StockPoint], now: datetime) -> datetime | None:
    """When the last of those who are asked has had so many minutes with its doors open."""
    if work.acceptance_minutes is None:
        return None
    asked = (work.parcel.stock_point_id, *(other.stock_point_id for other in work.parcel.alternatives))
    return max(open_until(points[pk], now, timedelta(minutes=work.acceptance_minutes)) for pk in asked)


def open_until(point: StockPoint, now: datetime, lasting: timedelta) -> datetime:
    """The moment by which the stock point has been open for so long; a point that never opens gets the plain time."""
    calendar = work_calendar(point.opening_hours, point.closed_on)
    return ready_at(calendar, zone(point.timezone), now, lasting) or now + lasting


def _fulfilment(work: Work, points: Mapping[int, StockPoint]) -> Fulfilment:
    now = clock.now()
    is_offered = points[work.parcel.stock_point_id].kind == StockPointKind.STORE
    return Fulfilment(
        order=work.order,
        stock_point_id=work.parcel.stock_point_id,
        pickup_point_id=work.pickup_point_id,
        mode=work.mode,
        service=work.parcel.service,
        zone=work.parcel.zone,
        state=FulfilmentState.OFFERED if is_offered else FulfilmentState.ACCEPTED,
        promised_on=work.parcel.promised_on,
        ships_on=work.parcel.ships_on,
        **_milestones(work.parcel),
        accept_by=_accept_by(work, points, now) if is_offered else None,
        accepted_at=None if is_offered else now,
        capacity_on=work.place.on if work.place else None,
        capacity_hour=work.place.hour if work.place else None,
        created_at=now,
        changed_at=now,
    )
