"""Holding an order back, and letting it go on. While it is held nothing is sourced, picked or captured."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.audit import record_audit
from oms.core.errors import StateConflict
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from orders.models import Order, OrderHold
from orders.services.timeline import note
from orders.states import OrderState

_HOLDABLE = (
    OrderState.PENDING_PAYMENT,
    OrderState.CONFIRMED,
    OrderState.IN_PROGRESS,
    OrderState.PARTIALLY_FULFILLED,
)


@retry_on_conflict
@transaction.atomic
def hold_order(*, order_id: int, reason: str) -> Order:
    """Raises `StateConflict` for an order that is over, or held already (`data["on_hold"]`)."""
    order = Order.objects.locked(order_id)
    is_held = _live_hold(order) is not None
    if order.state not in _HOLDABLE or is_held:
        raise StateConflict(
            gettext_noop("This order is held already.") if is_held else f"This order is {order.state}.",
            data={"state": order.state, "on_hold": is_held},
        )
    OrderHold.objects.create(order=order, reason=reason, held_at=clock.now(), held_by=current_actor())
    # What a person wrote may be about a person: it stands in the hold alone, where it can be erased.
    note(order_id=order_id, event="order.held")
    record_audit("order.held", subject=f"order:{order.number}", changes={"has_reason": bool(reason)})
    emit("order.held", order_id=order_id)
    return order


@retry_on_conflict
@transaction.atomic
def release_order(*, order_id: int) -> Order:
    """The order goes on where it stopped. Raises `StateConflict` when it is not held."""
    order = Order.objects.locked(order_id)
    hold = _live_hold(order)
    if hold is None:
        raise StateConflict(gettext_noop("This order is not on hold."), data={"state": order.state, "on_hold": False})
    OrderHold.objects.filter(pk=hold.pk).update(released_at=clock.now(), released_by=current_actor())
    note(order_id=order_id, event="order.released")
    record_audit("order.released", subject=f"order:{order.number}")
    emit("order.released", order_id=order_id)
    return order


def _live_hold(order: Order) -> OrderHold | None:
    return OrderHold.objects.filter(order=order, released_at__isnull=True).first()
