"""What a stock point's day allows, in its own zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from oms.core import clock
from stock.models import StockPoint


@dataclass(frozen=True, slots=True)
class Allowance:
    """One stock point's day; `capacity` None means no limit."""

    stock_point_id: int
    code: str
    on: date
    capacity: int | None


def allowances_today(stock_point_ids: Iterable[int]) -> list[Allowance]:
    now = clock.now()
    points = StockPoint.objects.filter(pk__in=list(stock_point_ids)).order_by("pk")
    return [
        Allowance(
            stock_point_id=point.pk, code=point.code, on=point.local_day(now), capacity=point.daily_order_capacity
        )
        for point in points.only("code", "timezone", "daily_order_capacity")
    ]
