"""What waits, in which queue, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from oms.core import clock
from oms.core.access import Access
from orders.models import Allocation, Fulfilment, Order, OrderHold, TimelineEntry
from orders.models.orders import OrderQuerySet
from orders.states import AllocationState, FulfilmentState

UNFILLABLE, BACKORDERED, OFFERED, HELD, ATTENTION = "unfillable", "backordered", "offered", "held", "attention"
QUEUES = (UNFILLABLE, BACKORDERED, OFFERED, HELD, ATTENTION)
AGES = (timedelta(days=1), timedelta(days=3), timedelta(days=7))


@dataclass(frozen=True, slots=True)
class Queue:
    """`units`: None where orders wait, not goods. `older`: how many orders wait longer than each of `AGES`."""

    name: str
    orders: int
    units: int | None
    since: datetime | None
    older: tuple[int, ...]


def queues(access: Access) -> list[Queue]:
    """Every queue with its age, one statement each."""
    return [_queue(name, access) for name in QUEUES]


def waiting_in(name: str, orders: QuerySet[Order]) -> QuerySet[Order]:
    """Those of the orders that wait in this queue, with `waits_since`; the first in comes first."""
    since = _SINCE[name]
    return orders.annotate(waits_since=since).filter(waits_since__isnull=False).order_by("waits_since", "pk")


def _queue(name: str, access: Access) -> Queue:
    now = clock.now()
    found = waiting_in(name, _candidates(name, Order.objects.visible_to(access))).order_by()
    ages = {f"older_{n}": Count("pk", filter=Q(waits_since__lt=now - age)) for n, age in enumerate(AGES)}
    told = found.aggregate(orders=Count("pk"), since=Min("waits_since"), **ages)
    return Queue(
        name=name,
        orders=told["orders"],
        units=_units(name, access) if name in _SLICES else None,
        since=told["since"],
        older=tuple(told[f"older_{n}"] for n in range(len(AGES))),
    )


_SLICES = {
    UNFILLABLE: (AllocationState.UNFILLABLE,),
    BACKORDERED: (AllocationState.BACKORDERED,),
    OFFERED: (AllocationState.OFFERED,),
}


def _units(name: str, access: Access) -> int:
    slices = Allocation.objects.filter(state__in=_SLICES[name], line__order__in=Order.objects.visible_to(access))
    return slices.aggregate(units=Sum("quantity"))["units"] or 0


def _candidates(name: str, orders: OrderQuerySet) -> QuerySet[Order]:
    """Found by an index, before anything is asked of each."""
    if name == ATTENTION:
        return orders.needing_attention()
    if name == HELD:
        return orders.held()
    if name == OFFERED:
        offered = Fulfilment.objects.filter(state=FulfilmentState.OFFERED)
        return orders.filter(pk__in=offered.values("order_id"))
    return orders.filter(pk__in=Allocation.objects.filter(state__in=_SLICES[name]).values("line__order_id"))


def _first(rows: QuerySet[Any], moment: str) -> Subquery:
    return Subquery(rows.order_by(moment).values(moment)[:1])


_SINCE = {
    UNFILLABLE: _first(
        Allocation.objects.filter(line__order=OuterRef("pk"), state=AllocationState.UNFILLABLE), "changed_at"
    ),
    BACKORDERED: _first(
        Allocation.objects.filter(line__order=OuterRef("pk"), state=AllocationState.BACKORDERED), "changed_at"
    ),
    OFFERED: _first(Fulfilment.objects.filter(order=OuterRef("pk"), state=FulfilmentState.OFFERED), "created_at"),
    HELD: _first(OrderHold.objects.filter(order=OuterRef("pk"), released_at__isnull=True), "held_at"),
    # The last time it was called for; who reads no such call has waited since it was placed.
    ATTENTION: Coalesce(
        Subquery(
            TimelineEntry.objects.filter(order=OuterRef("pk"), event="order.needs_attention")
            .order_by("-at")
            .values("at")[:1]
        ),
        F("placed_at"),
    ),
}


def orders_waiting(name: str, orders: OrderQuerySet) -> QuerySet[Order]:
    """As `waiting_in`, found by an index."""
    return waiting_in(name, _candidates(name, orders))
