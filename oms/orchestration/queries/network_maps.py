"""The network as a map: stock points, the zones of one service, and the lanes between them.

A zone is drawn around the middles of its postcode areas (the first two characters, of the postcodes that are
known), on an outline of the country; no tiles. Whatever the size of the network: three queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import hypot
from typing import Final

import numpy as np
from django.db import connection

from oms.orchestration.models import Postcode
from oms.orchestration.pick_ups import told_week
from oms.orchestration.queries.maps import Ground, Place, Projection, fitting, ground_of
from oms.sourcing.carriers import CarrierService
from oms.sourcing.distances import great_circle_km
from stock.models import StockPoint

WIDTH: Final = 1200
HEIGHT: Final = 760
LANES_TO_A_ZONE: Final = 3
COLOURS: Final = 6
# Beyond this from the nearest stock point an area is told in words.
FARTHEST_KM: Final = 1500
_LABEL_HEIGHT, _LETTER_WIDTH, _LABELS_AT_MOST = 17, 8.5, 40
# The name of a zone stands above its middle, or where it hides a point there below it, else outside its outline.
_ZONE_NAME_HALF, _ZONE_NAME_UP, _ZONE_NAME_DOWN, _POINT_HALF = 60.0, 9, 22, 8
# Whose names come first.
_KINDS: Final = {"warehouse": 0, "store": 1}
_AREAS = f"""
SELECT country, left(postcode, 2), avg(latitude), avg(longitude)
FROM {Postcode._meta.db_table} GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 (the table's name)


@dataclass(frozen=True, slots=True)
class OwnTimes:
    """When a service collects at a stock point, where that is not when it collects elsewhere."""

    service: str
    week: str


@dataclass(frozen=True, slots=True)
class PointMark:
    code: str
    name: str
    kind: str
    x: int
    y: int
    is_open: bool
    pick_ups: tuple[OwnTimes, ...] = ()
    label: str = ""
    is_label_left: bool = False


@dataclass(frozen=True, slots=True)
class ZoneMark:
    """`outline` as SVG wants a polygon's points; `colour` numbers the zones round and round; `name_y` is the line its
    name stands on."""

    code: str
    days: int
    outline: str
    x: int
    y: int
    colour: int
    name_y: int = 0


@dataclass(frozen=True, slots=True)
class LaneMark:
    x1: int
    y1: int
    x2: int
    y2: int
    colour: int
    name: str


@dataclass(frozen=True, slots=True)
class NetworkMap:
    """`far_areas`: the beginnings of postcodes that lie too far away to be drawn, an island beyond the sea say."""

    points: tuple[PointMark, ...]
    zones: tuple[ZoneMark, ...] = ()
    lanes: tuple[LaneMark, ...] = ()
    unplaced: int = 0
    far_areas: tuple[str, ...] = ()
    ground: Ground = field(default_factory=Ground)
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def with_own_times(self) -> list[PointMark]:
        return [point for point in self.points if point.pick_ups]


def network_map(points: Sequence[StockPoint], services: Mapping[str, CarrierService], chosen: str) -> NetworkMap | None:
    """None where no stock point has a place. `chosen`: the service whose zones and lanes are drawn."""
    service = services.get(chosen)
    placed = [point for point in points if point.latitude is not None and point.longitude is not None]
    if not placed:
        return None
    places = {point.code: (point.latitude or 0.0, point.longitude or 0.0) for point in placed}
    areas, far_areas = _areas_of(service, list(places.values())) if service else ({}, ())
    projection = fitting([*places.values(), *(place for zone in areas.values() for place in zone)], WIDTH, HEIGHT)
    marks = [_mark(point, projection, services) for point in placed]
    zones = _zones(service, areas, projection, marks) if service else ()
    return NetworkMap(
        points=_labelled(marks, zones),
        zones=zones,
        lanes=_lanes(service, places, zones, projection) if service else (),
        unplaced=len(points) - len(placed),
        far_areas=far_areas,
        ground=ground_of(projection, WIDTH, HEIGHT, [(mark.x, mark.y) for mark in marks]),
    )


def _areas_of(service: CarrierService, points: Sequence[Place]) -> tuple[dict[str, list[Place]], tuple[str, ...]]:
    """The middles of the areas that lie in each zone, as a parcel would find its own; and the areas of zones that are
    so far from every stock point that a map with them would show the network as one spot."""
    latitudes, longitudes = (np.array(values, dtype=np.float64) for values in zip(*points, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_AREAS)
        rows = cursor.fetchall()
    found: dict[str, list[Place]] = defaultdict(list)
    far: list[str] = []
    for country, area, latitude, longitude in rows:
        zone = service.zone_for(country, area)
        if zone is None:
            continue
        if great_circle_km(latitudes, longitudes, latitude, longitude).min() > FARTHEST_KM:
            far.append(f"{country} {area}")
        else:
            found[zone].append((latitude, longitude))
    return found, tuple(far)


def _zones(
    service: CarrierService,
    areas: Mapping[str, Sequence[Place]],
    projection: Projection,
    points: Sequence[PointMark],
) -> tuple[ZoneMark, ...]:
    """The widest first, so that the others lie upon them."""
    marks = []
    for number, zone in enumerate(service.zones):
        spots = [projection.at(place) for place in areas.get(zone.code, ())]
        if spots:
            x, y = (round(sum(spot[axis] for spot in spots) / len(spots)) for axis in (0, 1))
            corners = outline_of(spots)
            outline = " ".join(f"{a},{b}" for a, b in corners)
            name_y = _name_y(x, y, [b for _, b in corners], points)
            marks.append(ZoneMark(zone.code, service.transit_days[zone.code], outline, x, y, number % COLOURS, name_y))
    return tuple(sorted(marks, key=lambda mark: -len(areas[mark.code])))


def _name_y(x: int, y: int, outline: Sequence[int], points: Sequence[PointMark]) -> int:
    """The first line on which the name hides no point; above the middle where each does."""
    lines = [y - _ZONE_NAME_UP, y + _ZONE_NAME_DOWN, min(outline) - _ZONE_NAME_UP, max(outline) + _ZONE_NAME_DOWN]

    def is_free(line: int) -> bool:
        return (
            line - _LABEL_HEIGHT > 0
            and line < HEIGHT
            and not any(
                abs(point.x - x) < _ZONE_NAME_HALF + _POINT_HALF
                and line - _LABEL_HEIGHT - _POINT_HALF < point.y < line + _POINT_HALF
                for point in points
            )
        )

    return next((line for line in lines if is_free(line)), lines[0])


def outline_of(spots: Iterable[tuple[int, int]], around: int = 14) -> list[tuple[int, int]]:
    """The convex hull of squares around the spots (Andrew's monotone chain)."""
    corners = sorted({(x + dx, y + dy) for x, y in spots for dx in (-around, around) for dy in (-around, around)})

    def half(ordered: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for spot in ordered:
            while len(found) > 1 and _turns_right(found[-2], found[-1], spot):
                found.pop()
            found.append(spot)
        return found[:-1]

    return half(corners) + half(reversed(corners))


def _turns_right(first: tuple[int, int], second: tuple[int, int], third: tuple[int, int]) -> bool:
    (ax, ay), (bx, by), (cx, cy) = first, second, third
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) <= 0


def _lanes(
    service: CarrierService, places: Mapping[str, Place], zones: Sequence[ZoneMark], projection: Projection
) -> tuple[LaneMark, ...]:
    """To each zone from the nearest of the stock points at which the service collects."""
    collects = places.keys() if service.stock_points is None else places.keys() & set(service.stock_points)
    starts = sorted((code, *projection.at(places[code])) for code in collects)
    lanes = []
    for zone in zones:
        nearest = sorted(starts, key=lambda start: (hypot(start[1] - zone.x, start[2] - zone.y), start[0]))
        lanes += [
            LaneMark(x, y, zone.x, zone.y, zone.colour, f"{code} → {zone.code}")
            for code, x, y in nearest[:LANES_TO_A_ZONE]
        ]
    return tuple(lanes)


def _mark(point: StockPoint, projection: Projection, services: Mapping[str, CarrierService]) -> PointMark:
    x, y = projection.at((point.latitude or 0.0, point.longitude or 0.0))
    is_open = point.is_active and point.paused_until is None
    own = ((code, service.pick_ups_at(point.code)) for code, service in services.items())
    pick_ups = tuple(OwnTimes(code, told_week(week)) for code, week in own if week)
    return PointMark(point.code, point.name, point.kind, x, y, is_open, pick_ups)


def _labelled(marks: Sequence[PointMark], zones: Sequence[ZoneMark]) -> tuple[PointMark, ...]:
    """Names where they hide no other and no point, to the right or else to the left: warehouses first, then stores,
    as many as can be read."""
    taken: list[tuple[float, float, float]] = [
        (zone.x - _ZONE_NAME_HALF, zone.x + _ZONE_NAME_HALF, zone.name_y - _LABEL_HEIGHT / 2 + 3) for zone in zones
    ]

    def is_free(mark: PointMark, start: float, end: float) -> bool:
        return (
            start >= 0
            and end <= WIDTH
            and all(abs(mark.y - y) > _LABEL_HEIGHT or start > right or left > end for left, right, y in taken)
            and not any(
                abs(mark.y - other.y) < _LABEL_HEIGHT / 2 and start < other.x < end
                for other in marks
                if other is not mark
            )
        )

    named: dict[str, PointMark] = {}
    for mark in sorted(marks, key=lambda mark: (_KINDS.get(mark.kind, len(_KINDS)), mark.code)):
        length = len(mark.name) * _LETTER_WIDTH + 12
        for is_left in (False, True):
            start = mark.x - length if is_left else float(mark.x)
            if len(named) < _LABELS_AT_MOST and is_free(mark, start, start + length):
                taken.append((start, start + length, mark.y))
                named[mark.code] = replace(mark, label=mark.name, is_label_left=is_left)
                break
    return tuple(named.get(mark.code, mark) for mark in sorted(marks, key=lambda mark: (mark.kind, mark.code)))
