"""What can be promised of a basket while nobody knows where its units lie: from the earliest to the latest day
that any stock point of the network could need, whatever service takes it.

Whichever of them the order comes from in the end, it comes by the last of these days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.carriers import CarrierService
from oms.sourcing.house import parcel_cost, parcel_emissions_g
from oms.sourcing.situation import NEVER, Situation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from oms.sourcing.facts import Facts


@dataclass(frozen=True, slots=True)
class WidestPromise:
    """`service`: the slowest of those that may take it. Money and emissions are the most that any of them takes."""

    service: str
    promised_from: date
    promised_on: date
    price: Decimal
    cost: Decimal
    co2e_g: int


def widest_promise(facts: Facts, *, until: datetime) -> WidestPromise | None:
    """The promise holds for orders placed up to `until`, whatever `facts.available` says; None where no stock point
    of the network could serve the mode."""
    everywhere = dict.fromkeys(facts.network.by_code, max(line.quantity for line in facts.lines) + 1)
    facts = replace(facts, available={line.sku: everywhere for line in facts.lines})
    first, last = Situation(facts), Situation(replace(facts, now=until))
    fits = last.verdicts.fits & first.verdicts.fits
    lanes = _rows_by_lane(last, fits)
    if not lanes:
        return None
    size = last.network.size
    by_lane = {number: last.promised_by(np.full(size, number))[rows] for number, rows in lanes.items()}
    earliest = min(int(first.promised_by(np.full(size, number))[rows].min()) for number, rows in lanes.items())
    latest = max(by_lane, key=lambda number: (int(by_lane[number].max()), -number))
    promised_on = int(by_lane[latest].max())
    if promised_on == NEVER:
        return None
    return WidestPromise(
        service=last.lanes[latest].code,
        promised_from=date.fromordinal(min(earliest, promised_on)),
        promised_on=date.fromordinal(promised_on),
        price=max(_price(last, number) for number in lanes),
        cost=max(_cost(last, number, rows) for number, rows in lanes.items()),
        co2e_g=max(_emissions_g(last, number, rows) for number, rows in lanes.items()),
    )


def _rows_by_lane(situation: Situation, fits: NDArray[np.bool_]) -> dict[int, NDArray[np.intp]]:
    """The stock points each service could collect at; the house where no carrier does, and where goods lie ready."""
    carried = np.zeros(situation.network.size, dtype=np.bool_)
    found = {}
    for number, lane in enumerate(situation.lanes[1:], start=1):
        rows = fits & lane.rows & ~situation.is_own & (situation.promised_by(np.full(len(fits), number)) != NEVER)
        carried |= rows
        found[number] = np.flatnonzero(rows)
    found[0] = np.flatnonzero(fits & ~carried)
    return {number: rows for number, rows in found.items() if len(rows)}


def _weight_g(situation: Situation) -> int:
    return sum(line.weight_g * line.quantity for line in situation.lines)


def _price(situation: Situation, number: int) -> Decimal:
    lane = situation.lanes[number]
    return (
        lane.service.price(lane.zone, _weight_g(situation)) if isinstance(lane.service, CarrierService) else Decimal(0)
    )


def _cost(situation: Situation, number: int, rows: NDArray[np.intp]) -> Decimal:
    """Of one parcel with everything, from where it is dearest."""
    lane, weight_g = situation.lanes[number], _weight_g(situation)
    handling = max(situation.network.points[int(row)].handling_cost for row in rows)
    if isinstance(lane.service, CarrierService):
        return handling + (lane.service.cost(lane.zone, weight_g) or Decimal(0))
    return handling + parcel_cost(lane.service, distance_km=_farthest_km(situation, rows), weight_g=weight_g)


def _emissions_g(situation: Situation, number: int, rows: NDArray[np.intp]) -> int:
    service = situation.lanes[number].service
    house = replace(situation.house, emission_g_per_t_km=service.emission_g_per_t_km)
    if service.emission_g_per_parcel is not None:
        house = replace(house, emission_g_per_parcel=service.emission_g_per_parcel)
    far = _farthest_km(situation, rows)
    return 0 if far == 0 else round(parcel_emissions_g(house, distance_km=far, weight_g=_weight_g(situation)))


def _farthest_km(situation: Situation, rows: NDArray[np.intp]) -> Decimal:
    return Decimal(str(round(float(situation.distance_km[rows].max()), 3)))
