"""How long the steps of the demo's past work took: stores work while they are open, carriers come when they come and
are, now and then, a day late."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from typing import Final

from oms.core import clock
from oms.sourcing import calendars
from orders.models import Fulfilment
from orders.states import FulfilmentState, Mode, ParcelState
from stock.models import StockPoint

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
# Open minutes, at least and at most, until the next step is taken.
WORKED: Final = {
    FulfilmentState.OFFERED: (15, 150),
    FulfilmentState.ACCEPTED: (15, 70),
    FulfilmentState.PICKING: (10, 30),
}
# Of a hundred parcels, how many come a day late, by service.
LATE: Final = {"colis-48h": 8, "relay": 9, "express": 6, "coursier-nord": 4, "coursier-alpes": 3}
LATE_BY_HOUSE: Final = 10


def next_step_at(work: Fulfilment, draw: random.Random) -> datetime:
    """When the work goes on, from the present moment."""
    now = clock.now()
    if work.state in WORKED:
        return _after(work.stock_point, now, draw.randint(*WORKED[FulfilmentState(work.state)]))
    if work.state == FulfilmentState.PACKED:
        return _visit(work, now)
    if work.state == FulfilmentState.READY_FOR_PICKUP:
        return _after(work.pickup_point or work.stock_point, now + draw.randint(2, 30) * HOUR, 0)
    if work.mode == Mode.SHIP_TO_STORE or work.parcels.filter(state=ParcelState.IN_TRANSIT).exists():
        return _arrival(work, now, draw)
    is_held_up = work.parcels.filter(state=ParcelState.EXCEPTION).exists()
    return now + draw.randint(2, 6) * HOUR + is_held_up * DAY


def _after(point: StockPoint, start: datetime, minutes: int) -> datetime:
    """So many open minutes later."""
    calendar = calendars.work_calendar(point.opening_hours, point.closed_on)
    found = calendars.ready_at(calendar, calendars.zone(point.timezone), start, minutes * MINUTE)
    return found or start + minutes * MINUTE


def _visit(work: Fulfilment, now: datetime) -> datetime:
    """By when it must be handed over, which is when the carrier comes; who missed that waits for the next day's."""
    due_at = work.due_at or now + HOUR
    while due_at < now:
        due_at += DAY
    return due_at


def _arrival(work: Fulfilment, now: datetime, draw: random.Random) -> datetime:
    """On the promised day, in the morning or the afternoon, or a day later."""
    is_late = draw.randrange(100) < LATE.get(work.service, LATE_BY_HOUSE)
    there = calendars.zone((work.pickup_point or work.stock_point).timezone)
    day = (work.promised_on or now.date()) + is_late * DAY
    at = datetime.combine(day, time(draw.randint(10, 17), draw.randrange(60)), tzinfo=there)
    return max(now + HOUR, at.astimezone(now.tzinfo))
