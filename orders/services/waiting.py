"""Orders whose units wait for stock, or were promised stock that is not there after all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import structlog
from django.core.cache import cache
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from oms.core import clock
from oms.core.errors import Retryable
from oms.orchestration.queries.rule_sets import most_hops
from orders.models import Allocation, Exclusion, Fulfilment, OrderHold
from orders.services.recalling import recall_works, works_at
from orders.services.sourcing import source_order
from orders.services.triggers import MORE_EXPECTED, PAUSED, RETRY
from orders.states import AllocationState, FulfilmentState
from stock.models import StockLevel, StockPoint
from stock.queries.availability import available_to_promise, level_waterfalls

logger = structlog.get_logger(__name__)

AT_ONCE = 200
_WAITING = (AllocationState.BACKORDERED, AllocationState.UNFILLABLE)
_MOVABLE = (AllocationState.RESERVED, AllocationState.UNFILLABLE, AllocationState.OFFERED, AllocationState.ASSIGNED)
_CURSOR = "orders:waiting-cursor"


def retry_waiting_orders(*, variant_ids: Sequence[int] | None = None) -> int:
    """Source waiting orders again, oldest first: those of the variants whose stock rose, or the next few of all.

    How many were tried.
    """
    # Nothing is sourced of an order on hold: it must not take the turn of one that can be.
    held = OrderHold.objects.filter(order=OuterRef("line__order"), released_at__isnull=True)
    # Nor is anybody asked once it was declined too often: a person has been told.
    waiting = Allocation.objects.filter(state__in=_WAITING, line__order__hops__lte=most_hops()).exclude(Exists(held))
    if variant_ids is not None:
        # It may be served where it lies, or where something is free and nobody has refused it.
        served = Q(stock_point__isnull=False) | Exists(_free_elsewhere())
        return _retry_for_stock(list(variant_ids), waiting.filter(served, line__variant_id__in=variant_ids))
    after = cache.get(_CURSOR, 0)
    order_ids = _orders_of(waiting.filter(line__order_id__gt=after))
    cache.set(_CURSOR, order_ids[-1] if len(order_ids) == AT_ONCE else 0, timeout=None)
    for order_id in order_ids:
        _try(order_id)
    return len(order_ids)


def _free_elsewhere() -> QuerySet[StockLevel]:
    """Levels that have a unit for the slice, at points that may still be asked for its line."""
    refused = Exclusion.objects.filter(line=OuterRef(OuterRef("line")), stock_point=OuterRef("stock_point"))
    return StockLevel.objects.filter(
        variant=OuterRef("line__variant"), on_hand__gt=F("reserved") + F("unavailable")
    ).exclude(Exists(refused))


def _orders_of(waiting: QuerySet[Allocation]) -> list[int]:
    rows = waiting.order_by("line__order_id").values_list("line__order_id", flat=True).distinct()
    return list(rows[:AT_ONCE])


def _retry_for_stock(variant_ids: list[int], waiting: QuerySet[Allocation]) -> int:
    """As long as there is something to be had, whoever has waited longest gets it."""
    rows = (
        waiting.order_by("line__order_id")
        .values_list("line__order_id", "line__order__channel_id", "line__variant_id")
        .distinct()
    )
    tried: set[int] = set()
    found = list(rows[:AT_ONCE])
    wanted: dict[int, set[int]] = defaultdict(set)
    for _, channel_id, variant_id in found:
        wanted[channel_id].add(variant_id)
    free: dict[int, dict[int, int]] = {}
    for order_id, channel_id, variant_id in found:
        if order_id in tried:
            continue
        if channel_id not in free:
            free[channel_id] = available_to_promise(channel_id=channel_id, variant_ids=wanted[channel_id])
        if free[channel_id][variant_id] > 0:
            tried.add(order_id)
            _try(order_id)
            # Whatever it took is gone for every channel: asked again only when somebody else wants something.
            free.clear()
    return len(tried)


def promise_what_is_to_come(*, variant_ids: Sequence[int]) -> int:
    """More is expected of these variants: whoever waits for an undated day is promised it, oldest first."""
    held = OrderHold.objects.filter(order=OuterRef("line__order"), released_at__isnull=True)
    waiting = Allocation.objects.filter(
        Q(line__order__channel__allows_backorders=True) | Q(line__order__channel__allows_preorders=True),
        state__in=_WAITING,
        stock_point=None,
        reservation=None,
        line__variant_id__in=variant_ids,
    ).exclude(Exists(held))
    order_ids = _orders_of(waiting)
    for order_id in order_ids:
        _try(order_id, trigger=MORE_EXPECTED)
    return len(order_ids)


def _try(order_id: int, *, trigger: str = RETRY) -> None:
    """One order that cannot be sourced just now must not keep the others waiting."""
    try:
        source_order(order_id=order_id, trigger=trigger)
    except Retryable as error:
        logger.info("waiting_order.busy", order_id=order_id, error=str(error))


def resource_short_level(*, variant_id: int, stock_point_id: int) -> int:
    """Less is there than was promised: the newest promises look elsewhere until the rest is covered."""
    tried: set[int] = set()
    while _shortfall(variant_id, stock_point_id) > 0:
        newest = (
            Allocation.objects.filter(
                line__variant_id=variant_id,
                stock_point_id=stock_point_id,
                state__in=_MOVABLE,
                reservation__isnull=False,
            )
            .exclude(line__order_id__in=tried)
            .order_by("-line__order_id")
            .values_list("line__order_id", flat=True)
            .first()
        )
        if newest is None:
            break
        tried.add(newest)
        recall_works(order_id=newest, which=works_at(stock_point_id), reason="short")
        source_order(order_id=newest, trigger="short")
    return len(tried)


def withdraw_offers(*, stock_point_id: int) -> int:
    """A paused stock point answers nobody: what it is offered and has not answered goes to others; how many orders.

    Nothing is held against it: it is asked again once it takes part again.
    """
    return _hand_on(stock_point_id, FulfilmentState.OFFERED)


def hand_on_accepted(*, stock_point_id: int) -> int:
    """Whoever paused a stock point wants others to do what it accepted and has not begun; how many orders.

    What it has begun stays its work. An order nobody else can serve waits, its goods reserved where they are.
    """
    return _hand_on(stock_point_id, FulfilmentState.ACCEPTED)


def offered_to(*, stock_point_id: int) -> int:
    """How many works it has not answered: what a pause takes from it."""
    return Fulfilment.objects.filter(stock_point_id=stock_point_id, state=FulfilmentState.OFFERED).count()


def accepted_and_not_begun(*, stock_point_id: int) -> int:
    """How many works that is."""
    return Fulfilment.objects.filter(stock_point_id=stock_point_id, state=FulfilmentState.ACCEPTED).count()


def _hand_on(stock_point_id: int, state: FulfilmentState) -> int:
    """Nothing where the stock point takes part: it was reopened meanwhile."""
    point = StockPoint.objects.get(pk=stock_point_id)
    if point.is_open(clock.now()):
        return 0
    which = Q(stock_point_id=stock_point_id, state=state)
    order_ids = list(
        Fulfilment.objects.filter(which).order_by("order_id").values_list("order_id", flat=True).distinct()
    )
    for order_id in order_ids:
        recall_works(order_id=order_id, which=which, reason="paused")
        _try(order_id, trigger=PAUSED)
    return len(order_ids)


def _shortfall(variant_id: int, stock_point_id: int) -> int:
    level = level_waterfalls(channel_id=None, keys=[(variant_id, stock_point_id)])[variant_id, stock_point_id]
    return min(level.reserved, level.reserved + level.unavailable - level.on_hand)
