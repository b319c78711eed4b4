"""A stock point's own pick-up times in words: like days together, Monday first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from django.utils.dates import WEEKDAYS_ABBR

from oms.sourcing.carriers import PickUps


def told_week(week: PickUps) -> str:
    """`Mon–Fri 12:00, 18:00 · Sat 11:00`; days without a time are left out."""
    told = []
    for times, days in groupby(range(len(week)), key=lambda day: week[day]):
        if times:
            told.append(f"{_told_days(list(days))} {', '.join(f'{at // 60:02d}:{at % 60:02d}' for at in times)}")
    return " · ".join(told)


def _told_days(days: Sequence[int]) -> str:
    first, last = (str(WEEKDAYS_ABBR[day]).capitalize() for day in (days[0], days[-1]))
    return first if len(days) == 1 else f"{first}–{last}"
