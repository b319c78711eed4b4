"""By which service each stock point would send this basket: a row of columns for each service that could."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.facts import CARRY_OUT, DELIVERED_MODES, OWN_STOCK_MODES, Facts
from oms.sourcing.house import SERVICE, HouseService
from oms.sourcing.parcels import may_travel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from oms.sourcing.arrays import NetworkArrays
    from oms.sourcing.carriers import CarrierService
    from oms.sourcing.rules import Objectives

    Flags = NDArray[np.bool_]
    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]


@dataclass(frozen=True)
class Lane:
    """One service on this basket. `rows` it collects at; money is `fixed + per_kg x w`; `carbon_g` for each parcel.
    `days` on the road are those that can be kept; the parcel may come after `sure_days`, which are fewer where the
    place had to be guessed."""

    service: CarrierService | HouseService
    code: str
    zone: str
    rows: Flags
    fixed: Real
    per_kg: Real
    carbon_per_kg: Real
    carbon_g: float
    days: Whole
    sure_days: Whole


def lanes_of(
    facts: Facts, house: HouseService, distance_km: Real, house_days: Whole, sure_house_days: Whole
) -> list[Lane]:
    """The house first, then every carrier's service that takes the basket to its place."""
    size = facts.network.arrays.size
    lanes = [
        Lane(
            service=house,
            code=SERVICE,
            zone="",
            rows=np.ones(size, dtype=np.bool_),
            fixed=np.full(size, float(house.fixed_per_parcel)),
            per_kg=float(house.per_kg) + float(house.per_kg_km) * distance_km,
            carbon_per_kg=distance_km * float(house.emission_g_per_t_km) / 1_000_000,
            carbon_g=float(house.emission_g_per_parcel),
            days=house_days,
            sure_days=sure_house_days,
        )
    ]
    weights = [line.weight_g for line in facts.lines]
    for service, zone in _carrying(facts):
        lanes.append(_lane(facts, service, zone, min(weights), _whole_g(facts), distance_km))
    return lanes


def lacks_tables(facts: Facts) -> bool:
    """Whether carriers say that they go there, and none of them tells how long that takes and what it costs: the
    house brings it then, and when is a guess."""
    if _needs_no_carrier(facts) or _carrying(facts):
        return False
    return any(each.lacks_table(facts.mode, *_place(facts), _whole_g(facts)) for each in facts.network.services)


def unpriced_days(facts: Facts, house: HouseService) -> Whole:
    """The most days of the carriers that go there, tell how long that takes and not what it costs, for each row; 0
    where there is none. The house brings it then, and nobody knows that it is quicker than they are. In working days
    of the house, which may have more of them in a week; with one more, as carriers collect at their own hours."""
    network = facts.network.arrays
    most = np.zeros(network.size, dtype=np.int64)
    country, postcode = _place(facts)
    for service in facts.network.services:
        zone = service.zone_for(country, postcode)
        if zone is None or not service.lacks_table(facts.mode, country, postcode, _whole_g(facts)):
            continue
        days = np.full(network.size, service.transit_days[zone], dtype=np.int64)
        known = with_learned(days, service.learned_days.get(zone), network)
        pace = max(1.0, len(house.working_days) / len(service.working_days))
        most = np.maximum(most, np.ceil(known * pace).astype(np.int64) + 1)
    return most


def _carrying(facts: Facts) -> list[tuple[CarrierService, str]]:
    """The services that take the basket to its place, each with the zone it lies in. One whose tables say nothing
    of its own zone is left out: another zone's days could not be kept."""
    if _needs_no_carrier(facts):
        return []
    country, postcode = _place(facts)
    whole = _whole_g(facts)
    found = []
    for service in facts.network.services:
        zone = service.zone_for(country, postcode)
        if zone is None or not service.carries(facts.mode, zone, whole):
            continue
        is_able = may_travel(service, facts.lines, zone)
        if is_able and not service.lacks_table(facts.mode, country, postcode, whole):
            found.append((service, zone))
    return found


def _needs_no_carrier(facts: Facts) -> bool:
    return not facts.network.services or facts.mode in (CARRY_OUT, *OWN_STOCK_MODES)


def _whole_g(facts: Facts) -> int:
    return sum(line.weight_g * line.quantity for line in facts.lines)


def choose(
    lanes: list[Lane],
    promised: list[Whole],
    *,
    weight_kg: float,
    weigh: Objectives,
    limit: int | None,
    kept: dict[int, str],
) -> Whole:
    """The lane of each row: what its whole basket costs by the rule's objectives, a day's lateness included;
    what comes by `limit` before what does not; the house only where no carrier collects; as kept where kept."""
    size = len(lanes[0].rows)
    if len(lanes) == 1:
        return np.zeros(size, dtype=np.int64)
    days = np.array(promised[1:], dtype=np.float64)
    earliest = days.min(axis=0) if limit is None else np.full(size, float(limit))
    late = np.maximum(days - earliest, 0)
    score = np.array(
        [
            float(weigh.transport) * (lane.fixed + lane.per_kg * weight_kg)
            + float(weigh.carbon_per_kg) * lane.carbon_per_kg * weight_kg
            for lane in lanes[1:]
        ]
    )
    score = score + float(weigh.lateness_per_day) * late + np.where(late > 0, 1e6, 0.0) * (limit is not None)
    score = np.where(np.array([lane.rows for lane in lanes[1:]]), np.round(score, 6), np.inf)
    chosen: Whole = np.where(np.isfinite(score).any(axis=0), score.argmin(axis=0) + 1, 0)
    for row, code in kept.items():
        chosen[row] = next((number for number, lane in enumerate(lanes) if lane.code == code and lane.rows[row]), 0)
    return chosen


def _lane(facts: Facts, service: CarrierService, zone: str, lightest_g: int, whole_g: int, distance_km: Real) -> Lane:
    network = facts.network.arrays
    rows = np.ones(network.size, dtype=np.bool_)
    if service.stock_points is not None:
        rows = network.column(dict.fromkeys(service.stock_points, 1), absent=0) > 0
    if service.max_km is not None:
        rows = rows & (distance_km <= service.max_km)
    own = service.emission_g_per_parcel
    fixed, per_kg = _line(service, zone, lightest_g, whole_g)
    sure = with_learned(
        np.full(network.size, service.transit_days[zone], dtype=np.int64), service.learned_days.get(zone), network
    )
    return Lane(
        service=service,
        code=service.code,
        zone=zone,
        rows=rows,
        fixed=np.full(network.size, fixed),
        per_kg=np.full(network.size, per_kg),
        carbon_per_kg=distance_km * float(service.emission_g_per_t_km) / 1_000_000,
        carbon_g=float(facts.network.house.emission_g_per_parcel if own is None else own),
        days=np.maximum(sure, _guessed_days(facts, service)),
        sure_days=sure,
    )


def _guessed_days(facts: Facts, service: CarrierService) -> int:
    """To a postcode nobody knows, which no zone names: it may lie in any of the country's zones."""
    there = facts.destination
    if there is None or not there.is_degraded or facts.mode not in DELIVERED_MODES:
        return 0
    return 0 if service.names_by_prefix(there.country, there.postcode) else service.slowest_days(there.country)


def with_learned(days: Whole, learned: Mapping[str, int] | None, network: NetworkArrays) -> Whole:
    """The days of a zone's rows, with what was learned of its lanes: by stock point, "" for the others."""
    if not learned:
        return days
    known = network.remembered(learned)
    return np.where(known < 0, days, known)


def _line(service: CarrierService, zone: str, lightest_g: int, whole_g: int) -> tuple[float, float]:
    """What a parcel costs, and what each further kilogram does: exact for the whole basket."""
    whole = float(service.cost(zone, whole_g) or 0)
    least = float(service.cost(zone, lightest_g) or 0)
    if whole_g <= lightest_g or whole <= least:
        return whole, 0.0
    per_kg = (whole - least) / (whole_g - lightest_g) * 1000
    fixed = whole - per_kg * whole_g / 1000
    return (fixed, per_kg) if fixed >= 0 else (0.0, whole / whole_g * 1000)


def _place(facts: Facts) -> tuple[str, str]:
    if facts.mode in DELIVERED_MODES and facts.destination is not None:
        return facts.destination.country, facts.destination.postcode
    point = facts.network.by_code.get(facts.destination_point or "")
    return (point.country, "") if point else ("", "")
