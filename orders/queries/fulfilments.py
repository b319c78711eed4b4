"""Reading stock points' work."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from orders.models import Allocation, Fulfilment, Parcel, ParcelLine
from orders.states import AllocationState


def fulfilments_with_lines() -> QuerySet[Fulfilment]:
    """Fulfilments with what their pages and answers show, in six queries for any number of them.

    `shown_lines` are the slices that count, `shown_parcels` the parcels with their contents. What is offered
    beside another work shows the slices of that one (`lines_of`).
    """
    lines = (
        Allocation.objects.counted()
        .exclude(state=AllocationState.CANCELLED)
        .select_related("line__variant")
        .order_by("pk")
    )
    contents = ParcelLine.objects.select_related("allocation__line__variant").order_by("pk")
    parcels = Parcel.objects.order_by("position").prefetch_related(
        Prefetch("lines", queryset=contents, to_attr="shown_lines")
    )
    return Fulfilment.objects.select_related("order", "stock_point", "pickup_point", "lead").prefetch_related(
        Prefetch("allocations", queryset=lines, to_attr="shown_lines"),
        Prefetch("lead__allocations", queryset=lines, to_attr="led_lines"),
        Prefetch("parcels", queryset=parcels, to_attr="shown_parcels"),
    )


def lines_of(fulfilment: Fulfilment) -> list[Allocation]:
    """What a stock point prepares, or would prepare if it claimed the work."""
    shown: list[Allocation] = (
        fulfilment.lead.led_lines  # type: ignore[union-attr]
        if fulfilment.stands_by
        else fulfilment.shown_lines  # type: ignore[attr-defined]
    )
    return shown
