"""What a stock point may still take today, in its own zone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db import connection

from oms.core import clock
from stock.models import StockPoint

_USED = """
SELECT c.stock_point_id, c.used
FROM unnest(%s::bigint[], %s::date[]) AS w (stock_point_id, on_day)
JOIN orchestration_capacityuse c ON c.stock_point_id = w.stock_point_id AND c."on" = w.on_day
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """One stock point's day; `capacity` null means no limit."""

    stock_point_id: int
    code: str
    on: date
    capacity: int | None


def allowances_today(stock_point_ids: Iterable[int]) -> list[Allowance]:
    rows = StockPoint.objects.filter(pk__in=list(stock_point_ids)).order_by("pk")
    now = clock.now()
    return [
        Allowance(stock_point_id=pk, code=code, on=local_day(now, timezone), capacity=capacity)
        for pk, code, timezone, capacity in rows.values_list("pk", "code", "timezone", "daily_order_capacity")
    ]


def used_capacity(days: Mapping[int, date]) -> dict[int, int]:
    """Orders already taken by each of these stock points on its day; absent means none. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_USED, [list(days), list(days.values())])
        return dict(cursor.fetchall())


def local_day(at: datetime, timezone: str) -> date:
    return at.astimezone(_zone(timezone)).date()


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
