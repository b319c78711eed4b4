"""When a stock point is open, for people to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from itertools import groupby

from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.translation import pgettext

from stock.models import StockPoint

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Opening:
    """Neighbouring days that have the same hours: “Monday – Friday”, “10:00 – 19:00”."""

    days: str
    hours: str


def openings(point: StockPoint) -> list[Opening]:
    """The week in the language of the moment; empty for a point that has told no hours."""
    if not point.opening_hours:
        return []
    week = [(day, _hours(point.opening_hours.get(name) or [])) for day, name in enumerate(_DAYS)]
    found = []
    for hours, same in groupby(week, key=lambda told: told[1]):
        days = [str(WEEKDAYS[day]) for day, _ in same]
        first = days[0].capitalize()
        found.append(Opening(first if len(days) == 1 else f"{first} – {days[-1]}", hours))
    return found


def _hours(spans: list[list[str]]) -> str:
    if not spans:
        return pgettext("opening hours", "closed")
    return ", ".join(f"{_clock(begin)} – {_clock(end)}" for begin, end in spans)


def _clock(text: str) -> str:
    return time_format(time.fromisoformat(text) if text != "24:00" else time(0), "H:i")
