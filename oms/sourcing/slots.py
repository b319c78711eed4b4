"""The hours in which an own courier comes, on the days of a promise."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from oms.sourcing.calendars import is_working_day, wall_clock

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from oms.sourcing.carriers import CarrierService

DAYS_AHEAD = 7


def slots_from(service: CarrierService, day: date, there: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Of a week from that day, in UTC, in their order: none on days on which the courier does not work."""
    days = (day + timedelta(days=number) for number in range(DAYS_AHEAD))
    return [
        (wall_clock(each, start, there), wall_clock(each, end, there))
        for each in days
        if is_working_day(service, each)
        for start, end in service.slots
    ]
