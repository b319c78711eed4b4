"""What a stock point's day and opening hour allow, in its own zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from oms.core import clock
from oms.sourcing.calendars import opening_hour, work_calendar, zone
from oms.sourcing.facts import WorkCalendar
from stock.models import StockPoint


class Place(NamedTuple):
    """Where an order counts at a stock point: on a day, and in an opening hour of it where hours are limited."""

    on: date
    hour: int | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """One limited stock point at one moment; `per_day` and `per_hour` None mean no limit."""

    stock_point_id: int
    code: str
    place: Place
    per_day: int | None
    per_hour: int | None


def place_at(calendar: WorkCalendar, timezone: str, now: datetime, *, by_hour: bool) -> Place:
    """Its own day; where hours are limited, the hour in which it begins what comes now, and that hour's day."""
    at = zone(timezone)
    begun = opening_hour(calendar, at, now) if by_hour else None
    return Place(now.astimezone(at).date()) if begun is None else Place(*begun)


def allowances_now(stock_point_ids: Iterable[int]) -> list[Allowance]:
    """Of the stock points that have a limit, in their order."""
    now = clock.now()
    points = StockPoint.objects.filter(pk__in=list(stock_point_ids)).order_by("pk")
    return [
        Allowance(
            stock_point_id=point.pk,
            code=point.code,
            place=place_at(_calendar(point), point.timezone, now, by_hour=point.hourly_order_capacity is not None),
            per_day=point.daily_order_capacity,
            per_hour=point.hourly_order_capacity,
        )
        for point in points
        if point.daily_order_capacity is not None or point.hourly_order_capacity is not None
    ]


def _calendar(point: StockPoint) -> WorkCalendar:
    return work_calendar(point.opening_hours, closed_on=point.closed_on)
