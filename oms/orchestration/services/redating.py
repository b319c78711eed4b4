"""New days for work that is behind: the facts of now, the engine's calendars and lanes. Nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from oms.orchestration.baskets import Basket
from oms.orchestration.queries.facts import facts_for
from oms.sourcing.milestones import Milestones
from oms.sourcing.redating import new_dates


@dataclass(frozen=True, slots=True)
class Behind:
    """A stock point's work that goes on from now: its goods as a basket, the service it was planned for."""

    basket: Basket
    stock_point_id: int
    service: str
    is_prepared: bool


@dataclass(frozen=True, slots=True)
class NewDay:
    """`ships_on` in the stock point's zone, `promised_on` in the destination's."""

    service: str
    zone: str
    ready_at: datetime
    ships_on: date
    promised_on: date
    milestones: Milestones | None


def new_days(behind: Sequence[Behind]) -> list[NewDay | None]:
    """For each work, in their order, the day it can be promised for now; None where nothing can be promised.

    As many queries for one as for many of the same sales channel. Raises `UnknownCountry`.
    """
    if not behind:
        return []
    gathered, _ = facts_for([work.basket for work in behind])
    found: list[NewDay | None] = []
    for work, each in zip(behind, gathered, strict=True):
        code = each.known.codes.get(work.stock_point_id, "")
        dates = new_dates(
            each.facts,
            stock_point=code,
            service=work.service,
            is_prepared=work.is_prepared,
            releasing=timedelta(minutes=settings.ORDER_RELEASE_WITHIN_MINUTES),
        )
        found.append(
            NewDay(dates.service, dates.zone, dates.ready_at, dates.ships_on, dates.promised_on, dates.milestones)
            if dates
            else None
        )
    return found
