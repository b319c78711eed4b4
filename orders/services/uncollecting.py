"""Goods that waited for their customer in vain, or that the customer left at the counter: back for sale, not paid.

From the shop's own shelf they are set free. Goods that travelled to the store left their origin's stock when
they were shipped and were paid for then: they come into this store's stock, and their money goes back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.audit import record_audit
from oms.core.bulk import Row
from oms.core.errors import ConcurrentChange, NotFound
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from orders.models import Allocation, Fulfilment, Order, OrderLine, TimelineEntry
from orders.queries.standing_actions import refundable
from orders.services.declining import Part, split_parts
from orders.services.paying import sync_cancelled_quantities
from orders.services.pricing import cumulative_share
from orders.services.refunding import refund_order
from orders.services.rollups import roll_up_order
from orders.services.slices import cut
from orders.services.timeline import tell
from orders.services.work import (
    SkuQuantity,
    Work,
    as_it_was_read,
    lock_work,
    read_work,
    require_not_on_hold,
    require_state,
    spread,
)
from orders.states import ALLOCATION_MOVES, FULFILMENT_MOVES, AllocationState, FulfilmentState, OrderState
from stock.services.moving import record_movements
from stock.services.reserving import release_reservations

PUT_BACK = "pickup.put_back"
NOT_COLLECTED = "not_collected"
LEFT_AT_THE_COUNTER = "left"
RESERVATION_OVER = "reservation_over"


@retry_on_conflict
@transaction.atomic
def put_back_uncollected(
    *,
    fulfilment_id: int,
    lines: Sequence[SkuQuantity] = (),
    reason: str = NOT_COLLECTED,
    access: Access = EVERYTHING,
) -> Fulfilment:
    """Put back all that waits, or the given units of it; what is left of the work goes on waiting.

    Once everything has gone back the work is cancelled; asked again then, nothing changes.
    """
    work = read_work(fulfilment_id, access=access)
    if not access.sees_stock_point(work.fulfilment.pickup_point_id):
        raise NotFound(gettext_noop("There is no such fulfilment."))
    if work.fulfilment.state == FulfilmentState.CANCELLED:
        return work.fulfilment
    require_not_on_hold(work)
    require_state(work, FulfilmentState.READY_FOR_PICKUP)
    here = work.in_state(AllocationState.READY_FOR_PICKUP)
    given = spread(lines, here) if lines else [(allocation, allocation.quantity) for allocation in here]
    if work.fulfilment.pickup_point_id == work.fulfilment.stock_point_id:
        parts = split_parts(given)
        with as_it_was_read():
            release_reservations(ids=[reservation for _, _, reservation in parts])
    else:
        parts = [(allocation, quantity, 0) for allocation, quantity in given]
        _take_in(work, parts)
    work = lock_work(work)
    _cancel(parts, reason)
    _close(work, parts, reason)
    return work.fulfilment


def _take_in(work: Work, parts: Sequence[Part]) -> None:
    """What travelled here lies in this store now, and is its to sell."""
    point = work.fulfilment.pickup_point
    assert point is not None
    units: Counter[str] = Counter()
    for allocation, quantity, _ in parts:
        units[allocation.line.variant.sku] += quantity
    reference = _reference(work.fulfilment)
    rows = [
        {"sku": sku, "stock_point": point.code, "quantity": quantity, "kind": "return", "reference": reference}
        | {"occurred_at": clock.now()}
        for sku, quantity in sorted(units.items())
    ]
    result = record_movements(rows=[Row(index, row) for index, row in enumerate(rows)])
    if result.errors or result.unchanged:
        raise ConcurrentChange


def _reference(fulfilment: Fulfilment) -> str:
    """What is put back of one work at a time has a reference of its own: how often something was before."""
    before = TimelineEntry.objects.filter(order_id=fulfilment.order_id, event=PUT_BACK, data__fulfilment=fulfilment.pk)
    return f"uncollected:{fulfilment.pk}-{before.count() + 1}"


def _cancel(parts: Sequence[Part], reason: str) -> None:
    now = clock.now()
    for allocation, quantity, reservation in parts:
        is_whole = quantity == allocation.quantity
        part = allocation if is_whole else cut(allocation, quantity, reservation_id=reservation or None)
        ALLOCATION_MOVES.move(part, AllocationState.CANCELLED, reason=reason, changed_at=now)


def _close(work: Work, parts: Sequence[Part], reason: str) -> None:
    fulfilment, reference = work.fulfilment, _reference(work.fulfilment)
    waiting = Allocation.objects.filter(fulfilment=fulfilment, state=AllocationState.READY_FOR_PICKUP)
    if not waiting.exists():
        FULFILMENT_MOVES.move(fulfilment, FulfilmentState.CANCELLED, changed_at=clock.now())
    units = sum(quantity for _, quantity, _ in parts)
    tell(fulfilment, event=PUT_BACK, reason=reason, units=units)
    record_audit("pickup.put_back", subject=f"order:{fulfilment.order.number}", changes={"reason": reason})
    sync_cancelled_quantities(fulfilment.order_id)
    roll_up_order(order_id=fulfilment.order_id)
    order = Order.objects.get(pk=fulfilment.order_id)
    if order.state != OrderState.CANCELLED:
        emit("order_line.cancelled", order_id=order.pk)
    emit("pickup.put_back", order_id=order.pk, fulfilment_id=fulfilment.pk, reason=reason)
    if fulfilment.pickup_point_id != fulfilment.stock_point_id:
        _give_money_back(order, parts, reference)


def _give_money_back(order: Order, parts: Sequence[Part], reference: str) -> None:
    """Of what was captured when the parcel left the share of these units, which are the last of those that were
    kept: with what is given back of the others, sooner or later, it is the line's total to the cent. Shipping was
    spent.
    """
    units: Counter[int] = Counter()
    for allocation, quantity, _ in parts:
        units[allocation.line_id] += quantity
    share = Decimal(0)
    for line in OrderLine.objects.filter(pk__in=units):
        kept = line.quantity - line.cancelled_quantity
        share += cumulative_share(line.total, kept + units[line.pk], line.quantity, order.currency)
        share -= cumulative_share(line.total, kept, line.quantity, order.currency)
    amount = min(share, refundable(order))
    if amount > 0:
        refund_order(order_id=order.pk, amount=amount, reference=reference)
