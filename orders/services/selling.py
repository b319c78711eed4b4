"""Goods the customer carries out of the shop: sold the moment the order is confirmed, nothing to send."""

from __future__ import annotations

from django.db import transaction

from oms.core import clock
from oms.core.errors import ConcurrentChange
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from orders.models import Allocation
from orders.services.rollups import roll_up_order
from orders.services.standing import lock_standing, read_standing
from orders.services.timeline import note
from orders.states import ALLOCATION_MOVES, AllocationState
from stock.services.reserving import consume_reservations


@retry_on_conflict
@transaction.atomic
def sell_carried_out(*, order_id: int) -> None:
    """Spend the stock of the open slices that are carried out; the goods are with the customer."""
    standing = read_standing(order_id)
    carried = standing.carried_out
    if not standing.may_be_sourced or not carried:
        return
    order = standing.order
    consume_reservations(
        items=[(piece.reservation_id, piece.quantity) for piece in carried if piece.reservation_id is not None],
        kind="sale",
        reference=f"order:{order.number}",
    )
    lock_standing(standing)
    sold = ALLOCATION_MOVES.move_all(
        Allocation.objects.filter(pk__in=[piece.pk for piece in carried]),
        frm=AllocationState.RESERVED,
        to=AllocationState.COLLECTED,
        changed_at=clock.now(),
    )
    if sold != len(carried):
        raise ConcurrentChange
    note(order_id=order_id, event="order.carried_out", units=sum(piece.quantity for piece in carried))
    roll_up_order(order_id=order_id)
    emit("order.carried_out", order_id=order_id)
