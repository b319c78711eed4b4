"""Picking: what was found on the shelf, SKU by SKU; what was not becomes another stock point's work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.retrying import retry_on_conflict
from orders.errors import QuantityMismatch
from orders.models import Allocation, Fulfilment
from orders.services.collecting import make_ready_if_picked
from orders.services.declining import (
    Part,
    correct_missing,
    free_capacity,
    give_back_short_pick,
    split_parts,
    stock_reference,
)
from orders.services.rollups import roll_up_order
from orders.services.timeline import tell
from orders.services.work import SkuQuantity, Work, lock_work, read_work_at, require_not_on_hold, require_state
from orders.states import ALLOCATION_MOVES, FULFILMENT_MOVES, AllocationState, FulfilmentState
from stock.services.locking import lock_levels_of_reservations
from stock.services.reserving import release_reservations

_TO_PICK = (AllocationState.ASSIGNED, AllocationState.PICKING)


@retry_on_conflict
@transaction.atomic
def pick_fulfilment(*, fulfilment_id: int, lines: Sequence[SkuQuantity], access: Access = EVERYTHING) -> Fulfilment:
    """Record final totals per SKU. Fewer than asked is a short pick: the rest counts as not found.

    A SKU that is not named is still to be picked. The same totals again change nothing.
    """
    work = read_work_at(fulfilment_id, access=access)
    require_not_on_hold(work)
    totals = _not_recorded(work, _totals(lines))
    if not totals:
        return work.fulfilment
    require_state(work, FulfilmentState.ACCEPTED, FulfilmentState.PICKING)
    found, missing = _match(work, totals)
    # Found units too: whoever corrects these levels meanwhile must count what is picked here.
    lock_levels_of_reservations([slice_.reservation_id for slice_, _ in [*found, *missing] if slice_.reservation_id])
    parts = split_parts(missing)
    if parts:
        _record_missing(work, found, parts)
        free_capacity(work, parts)
    work = lock_work(work)
    if work.fulfilment.state == FulfilmentState.ACCEPTED:
        FULFILMENT_MOVES.move(work.fulfilment, FulfilmentState.PICKING, changed_at=clock.now())
    if parts:
        give_back_short_pick(work, parts)
    _mark_picked(work, found)
    if work.fulfilment.state == FulfilmentState.PICKING:
        tell(work.fulfilment, event="fulfilment.picked", outcome="picked", picked=totals)
        make_ready_if_picked(work.fulfilment)
    roll_up_order(order_id=work.fulfilment.order_id)
    return work.fulfilment


def _totals(lines: Sequence[SkuQuantity]) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for line in lines:
        totals[line.sku] += line.quantity
    return dict(totals)


def _not_recorded(work: Work, totals: dict[str, int]) -> dict[str, int]:
    """The totals less those of SKUs that were picked already, or looked for in vain, in exactly these quantities."""
    if work.fulfilment.state == FulfilmentState.ACCEPTED:
        return totals
    picked: dict[str, int] = defaultdict(int)
    waiting = set()
    for allocation in work.allocations:
        sku = allocation.line.variant.sku
        if allocation.state in _TO_PICK or allocation.state == AllocationState.OFFERED:
            waiting.add(sku)
        else:
            picked[sku] += allocation.quantity
    missed = Allocation.objects.filter(fulfilment=work.fulfilment, state=AllocationState.SHORT_PICKED)
    for sku in missed.values_list("line__variant__sku", flat=True):
        picked[sku] += 0
    return {sku: total for sku, total in totals.items() if sku in waiting or picked.get(sku) != total}


def _match(work: Work, totals: dict[str, int]) -> tuple[list[tuple[Allocation, int]], list[tuple[Allocation, int]]]:
    """What was found of each slice, and what is missing of it."""
    left = dict(totals)
    found, missing = [], []
    known = set()
    for allocation in work.in_state(*_TO_PICK):
        sku = allocation.line.variant.sku
        if sku not in totals:
            continue
        known.add(sku)
        taken = min(left[sku], allocation.quantity)
        left[sku] -= taken
        if taken:
            found.append((allocation, taken))
        if taken < allocation.quantity:
            missing.append((allocation, allocation.quantity - taken))
    wrong = {sku: [gettext_noop("Not to be picked here.")] for sku in totals if sku not in known}
    wrong |= {sku: [f"{left[sku]} more than asked."] for sku in known if left[sku]}
    if wrong:
        raise QuantityMismatch(errors={"lines": wrong})
    return found, missing


def _record_missing(work: Work, found: Sequence[tuple[Allocation, int]], parts: Sequence[Part]) -> None:
    release_reservations(ids=[reservation for _, _, reservation in parts])
    picked_now: dict[int, int] = defaultdict(int)
    for allocation, quantity in found:
        picked_now[allocation.line.variant_id] += quantity
    for variant_id in sorted({allocation.line.variant_id for allocation, _, _ in parts}):
        correct_missing(work, variant_id, reference=stock_reference(parts), picked_now=picked_now[variant_id])


def _mark_picked(work: Work, found: Sequence[tuple[Allocation, int]]) -> None:
    locked = {allocation.pk: allocation for allocation in work.allocations}
    for read, quantity in found:
        allocation = locked[read.pk]
        ALLOCATION_MOVES.move(allocation, AllocationState.PICKED, picked_quantity=quantity, changed_at=clock.now())
