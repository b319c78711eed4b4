"""What time alone brings about: unpaid orders expire, abandoned requests are cleared up, waiting ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Max, OuterRef, Subquery, When
from django.db.models.functions import Greatest

from oms.core import clock
from oms.core.errors import ConcurrentChange, OmsError
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from orders.models import Allocation, Fulfilment, Order, OrderHold, Payment
from orders.services.cancelling import give_up_slices, give_up_work
from orders.services.capturing import capture_due, void_rest
from orders.services.paying import EXPIRED, cancel_all_slices, end_unasked_payments, live_reservations
from orders.services.reconciling import abandoned_operations, reconcile_payment
from orders.services.reviving import revive_order
from orders.services.timeline import note
from orders.services.uncollecting import RESERVATION_OVER, put_back_uncollected
from orders.states import ORDER_MOVES, AllocationState, FulfilmentState, Mode, OrderState, PaymentState
from stock.models import StockPoint
from stock.services.reserving import release_reservations

logger = structlog.get_logger(__name__)

T = TypeVar("T")

AT_ONCE = 200
# Picking a part of a work moves its slices, not the work.
_LAST_TOUCHED = Subquery(
    Allocation.objects.filter(fulfilment=OuterRef("pk"))
    .order_by()
    .values("fulfilment")
    .annotate(at=Max("changed_at"))
    .values("at")
)


def expire_unpaid_orders(*, limit: int = AT_ONCE) -> int:
    """Every order whose time to pay is over: how many expired."""
    due = Order.objects.filter(state=OrderState.PENDING_PAYMENT, pay_by__lt=clock.now())
    ids = list(due.order_by("pay_by").values_list("pk", flat=True)[:limit])
    return sum(bool(_try("expire", pk, lambda pk: expire_order(order_id=pk))) for pk in ids)


@retry_on_conflict
@transaction.atomic
def expire_order(*, order_id: int) -> bool:
    """Free the stock of an order nobody paid for in time. Money that comes later finds it again."""
    released = live_reservations(order_id)
    release_reservations(ids=released)
    order = Order.objects.locked(order_id)
    if order.state != OrderState.PENDING_PAYMENT or order.pay_by is None or order.pay_by >= clock.now():
        # Paid in the meantime: what was just released must stay reserved.
        transaction.set_rollback(True)
        return False
    if live_reservations(order_id) != released:
        raise ConcurrentChange
    ORDER_MOVES.move(order, OrderState.EXPIRED)
    cancel_all_slices(order_id, reason=EXPIRED)
    end_unasked_payments(order_id)
    note(order_id=order_id, event="order.expired")
    emit("order.expired", order_id=order_id)
    return True


def sweep_payments(*, limit: int = AT_ONCE) -> None:
    """Clear up requests nobody waits for any more, then money that lies with orders that are over."""
    for operation_id in abandoned_operations(limit=limit):
        _try("reconcile", operation_id, lambda pk: reconcile_payment(operation_id=pk))
    stray = Payment.objects.filter(state=PaymentState.AUTHORISED).exclude(operations__kind="void")
    over = stray.filter(order__state__in=[OrderState.EXPIRED, OrderState.CANCELLED])
    for order_id, state in list(over.order_by("pk").values_list("order_id", "order__state").distinct()[:limit]):
        if state == OrderState.EXPIRED:
            _try("revive", order_id, lambda pk: revive_order(order_id=pk))
        _try("void", order_id, lambda pk: void_rest(order_id=pk))
    sent = Payment.objects.unsettled().filter(order__state__in=[OrderState.FULFILLED, OrderState.CLOSED])
    for order_id in list(sent.order_by("order_id").values_list("order_id", flat=True).distinct()[:limit]):
        _try("settle", order_id, lambda pk: capture_due(order_id=pk))


def give_up_unfillable(*, limit: int = AT_ONCE) -> int:
    """Slices that found no stock point for as long as their rule set waits are cancelled; how many."""
    due = Allocation.objects.filter(state=AllocationState.UNFILLABLE, give_up_at__lt=clock.now())
    by_order: dict[int, list[int]] = defaultdict(list)
    for pk, order_id in due.order_by("give_up_at").values_list("pk", "line__order_id")[:limit]:
        by_order[order_id].append(pk)

    def give_up(order_id: int) -> int:
        give_up_slices(order_id=order_id, slice_ids=by_order[order_id], reason="unfillable")
        return len(by_order[order_id])

    return sum(_try("give up", order_id, give_up) or 0 for order_id in by_order)


def expire_e_reservations(*, limit: int = AT_ONCE) -> int:
    """What was put aside unpaid and kept until yesterday is on sale again, and what no store put aside in as many
    days; how many. Paid goods wait for a person.
    """
    today = clock.now().date()
    waiting = Fulfilment.objects.filter(
        state=FulfilmentState.READY_FOR_PICKUP,
        mode=Mode.E_RESERVATION,
        # The day ends earlier farther east; each store's own day decides below.
        pickup__expires_on__lte=today,
    ).exclude(order__holds__in=OrderHold.objects.filter(released_at__isnull=True))
    found = waiting.select_related("pickup", "pickup_point").order_by("pickup__expires_on", "pk")[:limit]

    def put_back(fulfilment_id: int) -> Fulfilment:
        return put_back_uncollected(fulfilment_id=fulfilment_id, reason=RESERVATION_OVER)

    over = [each.pk for each in found if _is_over(each)]
    ended = sum(_try("expire reservation", pk, put_back) is not None for pk in over)
    return ended + _expire_never_put_aside(limit=limit)


def _expire_never_put_aside(*, limit: int) -> int:
    """A store that never answers, never begins, or begins and leaves off, keeps units from sale no longer than one
    that does. What it has begun counts from when it was touched last.
    """
    days = timedelta(days=settings.RESERVATION_KEPT_DAYS)
    asked = (
        Fulfilment.objects.filter(
            state__in=[FulfilmentState.OFFERED, FulfilmentState.ACCEPTED, FulfilmentState.PICKING],
            mode=Mode.E_RESERVATION,
            # Those offered beside it end with it.
            lead=None,
        )
        .exclude(order__holds__in=OrderHold.objects.filter(released_at__isnull=True))
        .annotate(
            waits_since=Case(
                When(state=FulfilmentState.PICKING, then=Greatest("changed_at", _LAST_TOUCHED)),
                default=F("order__placed_at"),
            )
        )
        .filter(waits_since__lt=clock.now() - days)
    )
    found = asked.select_related("pickup_point").order_by("waits_since", "pk")[:limit]

    def give_up(fulfilment_id: int) -> bool:
        return give_up_work(fulfilment_id=fulfilment_id, reason=RESERVATION_OVER)

    over = [each.pk for each in found if _has_waited(each.pickup_point, each.waits_since, days)]
    return sum(bool(_try("expire unanswered reservation", pk, give_up)) for pk in over)


def _has_waited(store: StockPoint | None, since: datetime, days: timedelta) -> bool:
    """Whole days of its own store, that on which it began not counted."""
    return store is not None and store.local_day(since) + days < store.local_day(clock.now())


def _is_over(waiting: Fulfilment) -> bool:
    """In its own store's day."""
    last, store = waiting.pickup.expires_on, waiting.pickup_point
    return last is not None and store is not None and last < store.local_day(clock.now())


def _try(what: str, pk: int, service: Callable[[int], T]) -> T | None:
    """One that fails, for whatever reason, must not keep the others from being cleared up."""
    try:
        return service(pk)
    except OmsError as error:
        logger.warning("sweep.failed", what=what, pk=pk, error=str(error))
    except Exception as error:
        logger.exception("sweep.failed", what=what, pk=pk, error=repr(error))
    return None
