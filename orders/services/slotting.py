"""The hours in which a delivery by slot may come: the courier's own, where it has told some, else the usual ones."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from oms.core import clock
from orders.models import Basket
from orders.services.requests import Slot

# Hours of the day, in the retailer's own zone, on so many days from the promised one. No carrier drives on Sundays.
HOURS: Final = ((8, 10), (10, 12), (12, 14), (14, 16), (16, 18), (18, 20))
DAYS: Final = 6
_SUNDAY: Final = 6


def slots_of(basket: Basket) -> list[Slot]:
    """Earliest first; none where no delivery with a promised day is chosen."""
    promise = basket.promise or {}
    if promise.get("slots"):
        told = [(datetime.fromisoformat(each["from"]), datetime.fromisoformat(each["to"])) for each in promise["slots"]]
        return [Slot(from_=begin, to=end) for begin, end in told if begin > clock.now()]
    return [] if not promise.get("promised_on") else _from(date.fromisoformat(promise["promised_on"]))


def _from(first: date) -> list[Slot]:
    zone, now = ZoneInfo(settings.TIME_ZONE), clock.now()
    days = [first + timedelta(days=number) for number in range(DAYS + 1)]
    slots = [
        Slot(from_=datetime.combine(day, time(begin), zone), to=datetime.combine(day, time(end), zone))
        for day in days
        if day.weekday() != _SUNDAY
        for begin, end in HOURS
    ]
    return [slot for slot in slots if slot.from_ > now]
