"""A stock point that takes no new work for a while, as whoever leads it decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.audit import record_audit
from oms.core.errors import Invalid, NotFound
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from stock.models import StockPoint

LONGEST_PAUSE: Final = timedelta(days=366)


@retry_on_conflict
@transaction.atomic
def pause_stock_point(*, stock_point_id: int, until: date, access: Access = EVERYTHING) -> StockPoint:
    """Nothing more is promised from its stock until that day, on which it takes part again (in its own zone).

    What it has taken on already stays its work; what it is only offered leaves it (`stock_point.paused`).
    Raises `Invalid` for a day that is not to come, or too far off.
    """
    point = _locked(stock_point_id, access)
    today = point.local_day(clock.now())
    if not today < until <= today + LONGEST_PAUSE:
        raise Invalid(errors={"until": [gettext_noop("A pause ends tomorrow or later, within a year.")]})
    emit("stock_point.paused", stock_point_id=point.pk)
    return _set(point, until, "stock_point.paused")


@retry_on_conflict
@transaction.atomic
def reopen_stock_point(*, stock_point_id: int, access: Access = EVERYTHING) -> StockPoint:
    """It takes part again at once; one that is open stays open."""
    point = _locked(stock_point_id, access)
    emit("stock_point.reopened", stock_point_id=point.pk)
    return _set(point, None, "stock_point.reopened")


def openness_of(points: Iterable[StockPoint]) -> dict[int, bool]:
    """By id, whether each takes part at this moment."""
    now = clock.now()
    return {point.pk: point.is_open(now) for point in points}


def tell_openness(*, before: Mapping[int, bool], points: Iterable[StockPoint]) -> None:
    """Stock points just written by a form, a file or a program: what holds of a pause holds of each that takes part
    no longer, and of each that does again. In the transaction that wrote them; new ones have no work yet."""
    for point in points:
        is_open = point.is_open(clock.now())
        if before.get(point.pk, is_open) == is_open:
            continue
        action = "stock_point.reopened" if is_open else "stock_point.paused"
        until = point.paused_until.isoformat() if point.paused_until else None
        emit(action, stock_point_id=point.pk)
        record_audit(
            action, subject=f"stock_point:{point.code}", changes={"until": until, "is_active": point.is_active}
        )


def _locked(stock_point_id: int, access: Access) -> StockPoint:
    visible = StockPoint.objects.visible_to(access).filter(pk=stock_point_id)
    point = visible.select_for_update(of=("self",), no_key=True).first()
    if point is None:
        raise NotFound("There is no such stock point.")
    return point


def _set(point: StockPoint, until: date | None, action: str) -> StockPoint:
    """Its row says so to everybody: what is for sale, and the feed of changes, follow the row."""
    if point.paused_until != until:
        StockPoint.objects.filter(pk=point.pk).update(paused_until=until)
        point.paused_until = until
        record_audit(
            action, subject=f"stock_point:{point.code}", changes={"until": until.isoformat() if until else None}
        )
    return point
