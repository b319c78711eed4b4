"""Reading and locking one fulfilment's work.

Stock is locked before orders (levels, reservations, order, fulfilment, allocations). So a service reads the
work unlocked, does what it must to stock, then locks the work and makes sure that it read the truth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop

from oms.core.access import EVERYTHING, Access
from oms.core.columns import own_columns
from oms.core.errors import ConcurrentChange, NotFound, StateConflict
from oms.core.prepared import prepared
from orders.errors import QuantityMismatch
from orders.models import Allocation, Fulfilment, OrderHold
from orders.models.allocations import AllocationQuerySet
from orders.states import AllocationState

# Slices that do not count as work any more.
_GONE = sorted({*AllocationState.history(), AllocationState.CANCELLED})

_LOCK_ORDER = "SELECT id FROM orders_order WHERE id = %s::bigint FOR NO KEY UPDATE"
_LOCK_FULFILMENT = """
SELECT f.state, EXISTS (SELECT FROM orders_orderhold h WHERE h.order_id = f.order_id AND h.released_at IS NULL)
FROM orders_fulfilment f WHERE f.id = %s::bigint FOR NO KEY UPDATE OF f
"""
_LOCK_SLICES = """
SELECT id, state, quantity, picked_quantity, reservation_id FROM orders_allocation
WHERE fulfilment_id = %s::bigint AND state <> ALL (%s::text[]) ORDER BY id FOR NO KEY UPDATE
"""

_HELD = Exists(OrderHold.objects.filter(order_id=OuterRef("order_id"), released_at__isnull=True))

# Work is read at every step of an order's life: what no step asks for is left where it is.
_READ_OF_WORK = (
    *own_columns(Fulfilment),
    *("order__number", "order__state", "order__channel_id"),
    *("stock_point__code", "stock_point__name", "stock_point__kind", "stock_point__timezone"),
)
_READ_OF_SLICES = (
    *own_columns(Allocation),
    *("line__order_id", "line__position", "line__variant_id", "line__variant__sku", "line__variant__weight_g"),
)


@dataclass(frozen=True, slots=True)
class SkuQuantity:
    sku: str
    quantity: int


@dataclass(frozen=True)
class Work:
    """A fulfilment and its slices that still count, as read."""

    fulfilment: Fulfilment
    allocations: tuple[Allocation, ...]
    is_held: bool = False

    def in_state(self, *states: str) -> list[Allocation]:
        return [allocation for allocation in self.allocations if allocation.state in states]

    def signature(self) -> tuple[object, ...]:
        return (
            self.fulfilment.state,
            self.is_held,
            *((row.pk, row.state, row.quantity, row.picked_quantity, row.reservation_id) for row in self.allocations),
        )


def _counted(fulfilment_id: int) -> AllocationQuerySet:
    return Allocation.objects.filter(fulfilment_id=fulfilment_id).exclude(state__in=_GONE).order_by("pk")


def _allocations(fulfilment_id: int) -> list[Allocation]:
    return list(_counted(fulfilment_id).select_related("line__variant").only(*_READ_OF_SLICES))


def read_work(fulfilment_id: int, *, access: Access = EVERYTHING) -> Work:
    """The work as it is now, unlocked. Another's work is not found."""
    fulfilment = (
        Fulfilment.objects.visible_to(access)
        .select_related("order", "stock_point")
        .only(*_READ_OF_WORK)
        .annotate(is_held=_HELD)
        .filter(pk=fulfilment_id)
        .first()
    )
    if fulfilment is None:
        raise NotFound(gettext_noop("There is no such fulfilment."))
    return Work(fulfilment, tuple(_allocations(fulfilment_id)), fulfilment.is_held)


def read_work_at(fulfilment_id: int, *, access: Access) -> Work:
    """The work of one of the caller's own stock points.

    Whoever only waits for the goods, where they are to be collected, sees the work but does none of it.
    """
    work = read_work(fulfilment_id, access=access)
    if not access.sees_stock_point(work.fulfilment.stock_point_id):
        raise NotFound(gettext_noop("There is no such fulfilment."))
    return work


@contextmanager
def as_it_was_read() -> Iterator[None]:
    """Around what is done to stock before the work is locked: a reservation that is not as it was read lost a race."""
    try:
        yield
    except StateConflict as error:
        raise ConcurrentChange from error


def lock_work(work: Work) -> Work:
    """Lock order, fulfilment and slices, in that order; `ConcurrentChange` unless all is as it was read.

    Stock services called since may have split reservations, never slices: slices are this app's. Only what
    could have changed is read again, so the work itself stays good.
    """
    order_id, fulfilment_id = work.fulfilment.order_id, work.fulfilment.pk
    prepared(_LOCK_ORDER, [order_id])
    # Holds change under the order's lock only: what this statement sees of them stays true.
    ((state, is_held),) = prepared(_LOCK_FULFILMENT, [fulfilment_id])
    if (state, is_held, *prepared(_LOCK_SLICES, [fulfilment_id, list(_GONE)])) != work.signature():
        raise ConcurrentChange
    return work


def require_not_on_hold(work: Work) -> None:
    """Work on an order that is held back goes no further."""
    if work.is_held:
        raise StateConflict(
            gettext_noop("The order is on hold."), data={"state": work.fulfilment.state, "on_hold": True}
        )


def require_state(work: Work, *states: str) -> None:
    if work.fulfilment.state not in states:
        raise StateConflict(f"This fulfilment is {work.fulfilment.state}.", data={"state": work.fulfilment.state})


def spread(
    rows: Sequence[SkuQuantity], allocations: Iterable[Allocation], *, name: str = "lines"
) -> list[tuple[Allocation, int]]:
    """Which slice gives how many of the units asked for by SKU, oldest slice first.

    Raises `QuantityMismatch`, naming each SKU that the slices do not hold in that quantity.
    """
    asked: dict[str, int] = defaultdict(int)
    for row in rows:
        asked[row.sku] += row.quantity
    given: list[tuple[Allocation, int]] = []
    held: dict[str, int] = defaultdict(int)
    for allocation in allocations:
        sku = allocation.line.variant.sku
        taken = min(asked.get(sku, 0) - held[sku], allocation.quantity)
        if taken > 0:
            given.append((allocation, taken))
            held[sku] += taken
    short = {sku: [f"{quantity} asked, {held[sku]} here."] for sku, quantity in asked.items() if held[sku] < quantity}
    if short:
        raise QuantityMismatch(errors={name: short})
    return given
