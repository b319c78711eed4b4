"""Until when an order may be placed so that its parcel still leaves, or lies ready, on the same day."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from oms.sourcing import calendars
from oms.sourcing.facts import CARRY_OUT

if TYPE_CHECKING:
    from datetime import date

    from oms.sourcing.calendars import Collecting
    from oms.sourcing.carriers import PickUps
    from oms.sourcing.facts import Facts, StockPointFacts
    from oms.sourcing.results import PlannedParcel

MOST_KNOWN = 20_000
# One answer holds for every order until it has passed, so it is looked for once.
_known: dict[tuple[object, ...], datetime] = {}


def cut_off_of(facts: Facts, parcel: PlannedParcel) -> datetime | None:
    """The last minute, in UTC, at which the same order still ships on the parcel's day.

    None where that lies more than two weeks ahead, and for what is carried out of the shop.
    """
    if facts.mode == CARRY_OUT:
        return None
    point = facts.network.by_code[parcel.stock_point]
    service = None if parcel.stock_point == facts.destination_point else facts.network.service(parcel.service)
    own = () if service is None else service.pick_ups_at(point.code)
    collects = None if service is None else (service.cut_off, service.working_days, service.closed_on, own)
    key = (point.calendar, point.timezone, point.minutes, collects, parcel.ships_on)
    found = _known.get(key)
    if found is None or found < facts.now:
        found = _last_minute(point, service, own, parcel.ships_on, facts.now)
        if found is None:
            return None
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = found
    return found


def _last_minute(
    point: StockPointFacts, service: Collecting | None, own: PickUps, goal: date, now: datetime
) -> datetime | None:
    here = calendars.zone(point.timezone)
    if service is not None:
        return calendars.order_by(point.calendar, here, service, now, point.minutes, own)

    def lies_ready_on(moment: datetime) -> date | None:
        ready = calendars.prepared_at(point.calendar, here, moment, point.minutes)
        return ready.astimezone(here).date() if ready else None

    return calendars.last_minute(lies_ready_on, goal, now)
