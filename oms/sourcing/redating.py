"""A new day for work that could not be done in time: by the engine's own calendars and lanes, from this moment on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from oms.sourcing import calendars
from oms.sourcing.facts import KeptParcel, Network
from oms.sourcing.house import SERVICE
from oms.sourcing.milestones import Milestones, milestones_of
from oms.sourcing.situation import Situation

if TYPE_CHECKING:
    from oms.sourcing.calendars import HandOver
    from oms.sourcing.facts import Facts

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class NewDates:
    """As a plan's parcel has them. `ships_on` in the stock point's zone, `promised_on` in the destination's."""

    stock_point: str
    service: str
    zone: str
    ready_at: datetime
    ships_on: date
    promised_on: date
    milestones: Milestones | None


def new_dates(
    facts: Facts, *, stock_point: str, service: str, is_prepared: bool, releasing: timedelta
) -> NewDates | None:
    """When the work of that stock point can be with the customer, if it goes on now, by the service it was planned
    for (by the best of those that are left, where that one no longer serves the lane).

    What is prepared already only waits for its carrier. None where the stock point is none of the network's any
    more, or never opens.
    """
    point = facts.network.by_code.get(stock_point)
    if point is None:
        return None
    collected = facts.network.by_code.get(facts.destination_point or "")
    points = (point,) if collected is None or collected is point else (point, collected)
    units = tuple((line.key, line.quantity) for line in facts.lines)
    still_serves = service == SERVICE or any(each.code == service for each in facts.network.services)
    situation = Situation(
        replace(
            facts,
            network=Network(points, facts.network.house, facts.network.services),
            promised_on=None,
            kept=(KeptParcel(stock_point, service, units, facts.now.date()),) if still_serves else (),
        )
    )
    row = situation.network.rows[stock_point]
    planned = situation.dates(row)
    if planned is None:
        return None
    handed, promised_on = planned if not is_prepared else _from_the_shelf(situation, row) or planned
    taken = SERVICE if situation.is_own[row] else situation.lane(row).code
    found = NewDates(stock_point, taken, situation.zone_of(row), handed.ready_at, handed.ships_on, promised_on, None)
    return replace(found, milestones=milestones_of(situation.facts, found, releasing=releasing))


def _from_the_shelf(situation: Situation, row: int) -> tuple[HandOver, date] | None:
    point = situation.network.points[row]
    here = calendars.zone(point.timezone)
    ready = calendars.ready_at(point.calendar, here, situation.facts.now, NO_TIME)
    if ready is None:
        return None
    if situation.is_own[row]:
        day = ready.astimezone(here).date()
        return calendars.HandOver(ready, day, ready), day
    lane = situation.lane(row)
    handed = calendars.hand_over(point.calendar, here, lane.service, ready, lane.service.pick_ups_at(point.code))
    return None if handed is None else situation.delivery(handed, int(lane.days[row]), lane.service)
