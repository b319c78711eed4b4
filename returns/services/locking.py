"""Locks of a return: stock first, then its order, then the return itself."""

from __future__ import annotations

from oms.core.errors import ConcurrentChange
from orders.models import Order
from returns.models import Return


def lock_return(seen: Return) -> Return:
    """The return and its order, locked; `ConcurrentChange` where it is not as it was read."""
    if seen.order_id is not None:
        Order.objects.locked(seen.order_id)
    returned = Return.objects.select_related("stock_point", "order").locked(seen.pk)
    if (returned.state, returned.order_id, returned.stock_point_id) != (
        seen.state,
        seen.order_id,
        seen.stock_point_id,
    ):
        raise ConcurrentChange
    return returned
