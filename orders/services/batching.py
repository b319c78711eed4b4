"""One thing done to many orders: asked at once for all that match, worked off in the background, told row by row.

Each order is a transaction of its own, in which its row is locked and its result written: whatever dies, no
order is done twice and none is left out. What one order refuses does not keep the others from being done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.actors import acting_as, current_actor
from oms.core.audit import record_audit
from oms.core.errors import Invalid, OmsError
from oms.core.events import emit
from oms.core.retrying import is_conflict, retry_on_conflict
from orders.models import BatchAction, Order, OrderBatch, OrderBatchRow, RowOutcome
from orders.services.assigning import assign_by_hand
from orders.services.cancelling import cancel_order
from orders.services.holding import hold_order, release_order
from orders.services.recalling import reroute_order
from stock.models import StockPoint

logger = structlog.get_logger(__name__)

AT_ONCE = 25
MOST_ORDERS = 100_000

# What stands in it is the ORM's own statement.
_WRITE_ROWS = """
INSERT INTO orders_orderbatchrow (batch_id, order_id, outcome, code, detail)
SELECT %s, found.id, %s, '', '' FROM ({}) found ORDER BY found.id
"""
_NEEDS_REASON = (BatchAction.ASSIGN, BatchAction.HOLD, BatchAction.CANCEL)


@transaction.atomic
def start_batch(
    *, action: str, orders: QuerySet[Order], reason: str = "", stock_point: StockPoint | None = None
) -> OrderBatch:
    """Write down every order that matches now, in one statement; a task does the rest.

    Raises `Invalid` where nothing matches, too much does, or the action lacks its reason or stock point.
    """
    reason = reason.strip()
    if action in _NEEDS_REASON and not reason:
        raise Invalid(errors={"reason": [gettext_noop("Say why.")]})
    if action == BatchAction.ASSIGN and stock_point is None:
        raise Invalid(errors={"stock_point": [gettext_noop("Say where.")]})
    batch = OrderBatch.objects.create(
        action=action,
        reason=reason,
        stock_point=stock_point if action == BatchAction.ASSIGN else None,
        asked_by=current_actor(),
    )
    batch.total = _write_rows(batch, orders)
    if not 0 < batch.total <= MOST_ORDERS:
        raise Invalid(f"{batch.total} orders match: between 1 and {MOST_ORDERS} can be done at once.")
    batch.save(update_fields=["total"])
    said = {"batch": batch.pk, "action": action, "orders": batch.total, "has_reason": bool(reason)}
    record_audit("order_batch.asked", subject=f"order_batch:{batch.pk}", changes=said)
    emit("order_batch.asked", batch_id=batch.pk)
    return batch


def _write_rows(batch: OrderBatch, orders: QuerySet[Order]) -> int:
    """Each order once, whatever its filter joins."""
    ids = Order.objects.filter(pk__in=orders.order_by().values("pk")).order_by("pk").values("id")
    try:
        sql, parameters = ids.query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE_ROWS.format(sql),
            [batch.pk, RowOutcome.WAITING, *parameters],
        )
        return cursor.rowcount


def work_off_batch(*, batch_id: int) -> int:
    """Do the next few orders and ask for the rest to be done; how many were done now."""
    batch = OrderBatch.objects.select_related("stock_point").get(pk=batch_id)
    with acting_as(batch.asked_by):
        count = 0
        while count < AT_ONCE and _do_next(batch):
            count += 1
    with transaction.atomic():
        if OrderBatchRow.objects.waiting().filter(batch=batch).exists():
            emit("order_batch.asked", batch_id=batch.pk)
        else:
            OrderBatch.objects.filter(pk=batch.pk, finished_at=None).update(finished_at=clock.now())
    return count


@retry_on_conflict
@transaction.atomic
def _do_next(batch: OrderBatch) -> bool:
    row = OrderBatchRow.objects.taken(batch.pk)
    if row is None:
        return False
    code, detail = _refusal_of(batch, row.order_id)
    row.outcome = RowOutcome.REFUSED if code else RowOutcome.DONE
    row.code, row.detail, row.done_at = code, detail[:300], clock.now()
    row.save(update_fields=["outcome", "code", "detail", "done_at"])
    return True


def _refusal_of(batch: OrderBatch, order_id: int) -> tuple[str, str]:
    """Do it to one order; its code and sentence where that is refused, and then nothing of it has changed."""
    try:
        with transaction.atomic():
            _SERVICES[BatchAction(batch.action)](order_id=order_id, **_told(batch))
    except OmsError as refused:
        if is_conflict(refused):
            raise
        return refused.code, "; ".join(refused.sentences())
    except Exception as error:
        if is_conflict(error):
            raise
        logger.exception("order_batch.failed", batch=batch.pk, order=order_id)
        return "failed", type(error).__name__
    return "", ""


def _told(batch: OrderBatch) -> dict[str, Any]:
    if batch.action == BatchAction.ASSIGN:
        return {"stock_point": batch.stock_point.code if batch.stock_point else "", "reason": batch.reason}
    return {"reason": batch.reason} if batch.action in _NEEDS_REASON else {}


_SERVICES: Mapping[BatchAction, Callable[..., object]] = {
    BatchAction.REROUTE: reroute_order,
    BatchAction.ASSIGN: assign_by_hand,
    BatchAction.HOLD: hold_order,
    BatchAction.RELEASE: release_order,
    BatchAction.CANCEL: cancel_order,
}
