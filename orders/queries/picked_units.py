"""What was picked, for any order, and has not left: the units that are known to exist."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F, Q, Sum

from orders.models import Allocation
from orders.states import AllocationState

_PICKED = (AllocationState.PICKED, AllocationState.PACKED, AllocationState.READY_FOR_PICKUP)


def picked_units(*, stock_point_id: int, variant_ids: Collection[int]) -> dict[int, int]:
    """`{variant: units}` in hand at the stock point; goods that wait there for a customer but came from elsewhere
    are none of its own."""
    rows = (
        Allocation.objects.filter(
            stock_point_id=stock_point_id,
            line__variant_id__in=variant_ids,
            state__in=_PICKED,
            reservation__isnull=False,
        )
        .exclude(~Q(fulfilment__pickup_point_id=F("stock_point_id")), state=AllocationState.READY_FOR_PICKUP)
        .values_list("line__variant_id")
        .annotate(Sum("quantity"))
        .order_by()
    )
    return dict(rows)
