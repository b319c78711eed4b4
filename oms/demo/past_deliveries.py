"""A month of deliveries by every carrier, drawn: enough of each for times to be learned from, some of them late.

Dates come from the services' own calendars, as promises do; what differs is what stock points and carriers made of
them. What is drawn here is written as a few sets of rows by `written_deliveries`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from oms.core import clock
from oms.demo.places import STORES, WAREHOUSES, Site
from oms.orchestration.queries.networks import carrier_services
from oms.sourcing import calendars
from oms.sourcing.carriers import CarrierService
from oms.sourcing.distances import great_circle_km
from oms.sourcing.house import HouseService, parcel_emissions_g
from oms.sourcing.milestones import Milestones, Work, milestones
from stock.models import StockLevel, StockPoint, Variant

DAY: Final = timedelta(days=1)
# Old enough to have arrived, and younger than the opening stock.
OLDEST, NEWEST = 28, 9
PACKAGING_G: Final = 200
RELEASING: Final = timedelta(minutes=15)
ARTICLES: Final = 300
# By service: how many, and of a hundred how many came so many of its working days after what is configured.
HABITS: Final[Mapping[str, tuple[int, Mapping[int, int]]]] = {
    "colis-48h": (48, {0: 86, 1: 10, 2: 3, 4: 1}),
    "relay": (48, {-1: 18, 0: 66, 1: 11, 2: 4, 3: 1}),
    "express": (36, {0: 93, 1: 6, 2: 1}),
    "coursier-nord": (36, {0: 95, 1: 5}),
    # The one that promises more than it keeps.
    "coursier-alpes": (36, {0: 76, 1: 20, 2: 4}),
}
# Open minutes from the order to the packed parcel: least, most and usual; and of a hundred how many took a day longer.
PREPARED: Final = {"warehouse": (40, 220, 90), "store": (60, 290, 170)}
FORGOTTEN: Final = 5


@dataclass(frozen=True, slots=True)
class Delivery:
    """One parcel with one article, from its order to its customer's door. Moments in UTC."""

    carrier: str
    service: CarrierService
    zone: str
    point: StockPoint
    home: Site
    variant: Variant
    placed_at: datetime
    packed_at: datetime
    handed_over_at: datetime
    delivered_at: datetime
    ships_on: date
    promised_on: date
    limits: Milestones
    price: Decimal
    co2e_g: int

    @property
    def mode(self) -> str:
        return self.service.modes[0]

    @property
    def weight_g(self) -> int:
        return self.variant.weight_g + PACKAGING_G


def drawn_deliveries(*, carriers: Mapping[str, str], draw: random.Random) -> list[Delivery]:
    """In the order in which they were placed; `carriers` by service. What is not there yet is left out."""
    services = {code: each for code, each in carrier_services().items() if code in HABITS}
    shelves = _shelves(_origins(services))
    found = [
        delivery
        for code, service in services.items()
        for _ in range(HABITS[code][0])
        if (delivery := _drawn(carriers[code], service, shelves, draw)) is not None
    ]
    return sorted(found, key=lambda each: each.placed_at)


def _origins(services: Mapping[str, CarrierService]) -> set[str]:
    """Where there are enough parcels for a lane of its own: the warehouses, and stores whose own carriers those are."""
    listed = {code for service in services.values() for code in service.stock_points or ()}
    return {site.code for site in WAREHOUSES} | listed.intersection(site.code for site in STORES)


def _shelves(codes: set[str]) -> dict[str, list[StockLevel]]:
    variants = list(Variant.objects.order_by("pk").values_list("pk", flat=True)[:ARTICLES])
    levels = StockLevel.objects.filter(stock_point__code__in=codes, variant__in=variants, on_hand__gt=0)
    shelves: dict[str, list[StockLevel]] = {}
    for level in levels.select_related("variant__product", "stock_point").order_by("pk"):
        shelves.setdefault(level.stock_point.code, []).append(level)
    return shelves


def _drawn(
    carrier: str, service: CarrierService, shelves: Mapping[str, Sequence[StockLevel]], draw: random.Random
) -> Delivery | None:
    origins = sorted(shelves if service.stock_points is None else set(service.stock_points) & set(shelves))
    homes = [(site, zone) for site in STORES if (zone := service.zone_for("FR", site.postcode)) is not None]
    if not origins or not homes:
        return None
    level = draw.choice(shelves[draw.choice(origins)])
    home, zone = draw.choice(homes)
    point = level.stock_point
    return _travelled(carrier, service, zone, point, home, level.variant, draw)


def _travelled(
    carrier: str,
    service: CarrierService,
    zone: str,
    point: StockPoint,
    home: Site,
    variant: Variant,
    draw: random.Random,
) -> Delivery | None:
    """Promised by what is configured, then lived through; None where the calendar leaves no day."""
    here = calendars.zone(point.timezone)
    calendar = calendars.work_calendar(point.opening_hours, point.closed_on, point.cut_off)
    own, days = service.pick_ups_at(point.code), service.transit_days[zone]
    placed_at = _evening_or_day(here, draw)

    def left(minutes: int) -> calendars.HandOver | None:
        ready = calendars.ready_at(calendar, here, placed_at, timedelta(minutes=minutes))
        return None if ready is None else calendars.hand_over(calendar, here, service, ready, own)

    planned, handed = left(point.preparation_minutes), left(_minutes(point, draw))
    if planned is None or handed is None:
        return None
    promised_on = calendars.delivered_on(service, here, planned.handed_over_at, days)
    spread = HABITS[service.code][1]
    late = draw.choices(list(spread), weights=list(spread.values()))[0]
    came_on = calendars.delivered_on(service, here, handed.handed_over_at, max(1, days + late))
    delivered_at = datetime.combine(came_on, time(draw.randint(9, 17), draw.randrange(60)), here).astimezone(UTC)
    work = Work(calendar, here, service, here, days, timedelta(minutes=point.preparation_minutes), own)
    limits = milestones(work, promised_on, timedelta(0), RELEASING)
    if limits is None or delivered_at >= clock.now():
        return None
    return Delivery(
        carrier=carrier,
        service=service,
        zone=zone,
        point=point,
        home=home,
        variant=variant,
        placed_at=placed_at,
        packed_at=handed.ready_at,
        handed_over_at=handed.handed_over_at,
        delivered_at=delivered_at,
        ships_on=planned.ships_on,
        promised_on=promised_on,
        limits=limits,
        price=service.price(zone, variant.weight_g),
        co2e_g=_emissions_g(service, point, home, variant.weight_g),
    )


def _evening_or_day(here: ZoneInfo, draw: random.Random) -> datetime:
    """Customers order from eight in the morning to eleven at night."""
    day = clock.now().astimezone(here).date() - draw.randint(NEWEST, OLDEST) * DAY
    at = datetime.combine(day, time(draw.randint(8, 22), draw.randrange(60), draw.randrange(60)), here)
    return at.astimezone(UTC)


def _minutes(point: StockPoint, draw: random.Random) -> int:
    least, most, usual = PREPARED["warehouse" if point.kind == "warehouse" else "store"]
    forgotten = 540 if draw.randrange(100) < FORGOTTEN else 0
    return round(draw.triangular(least, most, usual)) + forgotten


def _emissions_g(service: CarrierService, point: StockPoint, home: Site, weight_g: int) -> int:
    """By the formula of every parcel, with the service's own factors."""
    here = np.array([point.latitude], dtype=np.float64), np.array([point.longitude], dtype=np.float64)
    house = HouseService(emission_g_per_t_km=service.emission_g_per_t_km)
    if service.emission_g_per_parcel is not None:
        house = replace(house, emission_g_per_parcel=service.emission_g_per_parcel)
    distance_km = great_circle_km(*here, home.latitude, home.longitude)[0]
    return round(parcel_emissions_g(house, distance_km=Decimal(str(distance_km)), weight_g=weight_g))
