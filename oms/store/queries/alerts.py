"""Promises in danger, as the home screen tells them: to the store, and to whoever looks after several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from oms.core.access import Access
from orders.models import PromiseAlert
from orders.models.alerts import PromiseAlertQuerySet
from orders.states import Audience
from stock.models import StockPoint

SHOWN_AT_MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Alerts:
    """The most urgent ones, and how many there are."""

    shown: list[PromiseAlert]
    number: int


def alerts_at(stock_point: StockPoint) -> Alerts:
    """What the store itself is told."""
    return _alerts(PromiseAlert.objects.filter(stock_point=stock_point, audience=Audience.STORE))


def alerts_of_region(access: Access) -> Alerts | None:
    """What somebody who looks after several stores is told of them; None for anybody else."""
    if access.stock_points is None or len(access.stock_points) < 2:
        return None
    return _alerts(PromiseAlert.objects.visible_to(access).filter(audience=Audience.REGIONAL_MANAGER))


def _alerts(found: PromiseAlertQuerySet) -> Alerts:
    rows = list(found.standing().select_related("order", "stock_point").order_by("due_at", "pk")[: SHOWN_AT_MOST + 1])
    number = len(rows) if len(rows) <= SHOWN_AT_MOST else found.standing().count()
    return Alerts(rows[:SHOWN_AT_MOST], number)
