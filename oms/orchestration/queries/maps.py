"""A decision as a map: where the goods go, which stock points were chosen, and which could have been.

No tiles: an outline and towns to find one's way by, places, names and rings of distance around the destination,
drawn by us.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import cos, hypot, radians
from typing import Final

from oms.orchestration.outlines import COUNTRIES, TOWNS
from oms.orchestration.queries.runs import StoredRun
from oms.sourcing.facts import Facts
from oms.sourcing.results import CHOSEN, REJECTED, Candidate

WIDTH: Final = 640
HEIGHT: Final = 420
MARGIN: Final = 48
KM_PER_DEGREE: Final = 111.2
LEAST_SPAN_KM: Final = 30.0
LABELLED_ALTERNATIVES: Final = 8
RING_STEPS_KM: Final = (5, 10, 25, 50, 100, 200, 400, 800, 1600, 3200)
_LABEL_HEIGHT, _LETTER_WIDTH = 14, 7
_TOWN_WIDTH, _TOWN_HEIGHT = 70, 22

Place = tuple[float, float]
"""Latitude and longitude in degrees."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on the map, in whole units of the drawing. `kind`: destination, chosen, alternative or rejected."""

    kind: str
    name: str
    x: int
    y: int
    label: str = ""
    is_label_left: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies below everything else: outlines as SVG wants a polygon's points, and towns with their names."""

    outlines: tuple[str, ...] = ()
    towns: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True)
class Ring:
    radius: int
    km: int


@dataclass(frozen=True, slots=True)
class DecisionMap:
    """`destination` is the centre of the rings and the end of the way of each chosen dot."""

    dots: tuple[Dot, ...]
    rings: tuple[Ring, ...]
    destination: Dot | None
    ground: Ground = field(default_factory=Ground)
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def chosen(self) -> list[Dot]:
        return [dot for dot in self.dots if dot.kind == CHOSEN]


@dataclass(frozen=True, slots=True)
class Projection:
    """Equirectangular, true at the middle latitude: within a country nobody sees the difference."""

    west: float
    north: float
    per_km: float
    km_per_longitude: float

    def at(self, place: Place) -> tuple[int, int]:
        latitude, longitude = place
        x = MARGIN + (longitude - self.west) * self.km_per_longitude * self.per_km
        y = MARGIN + (self.north - latitude) * KM_PER_DEGREE * self.per_km
        return round(x), round(y)


def decision_map(stored: StoredRun) -> DecisionMap | None:
    """None where nothing that was looked at has a place."""
    facts, candidates = stored.facts, stored.result.candidates
    places = {
        point.code: (point.latitude, point.longitude)
        for point in facts.network.stock_points
        if point.latitude is not None and point.longitude is not None
    }
    to = _destination(facts, places)
    known = [each for each in candidates if each.stock_point in places]
    shown = [places[each.stock_point] for each in known if each.outcome != REJECTED] + ([to] if to else [])
    if not shown:
        return None
    projection = fitting(shown, WIDTH, HEIGHT)
    dots = _dots(known, places, projection)
    destination = Dot("destination", "", *projection.at(to)) if to else None
    rings = _rings(destination, dots, projection) if destination else ()
    labelled = _labelled(dots, destination)
    named = [(dot.x, dot.y) for dot in (*labelled, *([destination] if destination else [])) if dot.kind != REJECTED]
    ground = ground_of(projection, WIDTH, HEIGHT, named)
    return DecisionMap(dots=labelled, rings=rings, destination=destination, ground=ground)


def _destination(facts: Facts, places: dict[str, Place]) -> Place | None:
    to = facts.destination
    if to is not None and to.latitude is not None and to.longitude is not None:
        return to.latitude, to.longitude
    return places.get(facts.pickup_point or facts.selling_point or "")


def fitting(places: Sequence[Place], width_of: int, height_of: int) -> Projection:
    """All of the places within the margins of a drawing of that size, and never closer than a town's surroundings."""
    latitudes, longitudes = [place[0] for place in places], [place[1] for place in places]
    middle = (min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2
    km_per_longitude = KM_PER_DEGREE * max(cos(radians(middle[0])), 0.01)
    span_x = max((max(longitudes) - min(longitudes)) * km_per_longitude, LEAST_SPAN_KM)
    span_y = max((max(latitudes) - min(latitudes)) * KM_PER_DEGREE, LEAST_SPAN_KM)
    width, height = width_of - 2 * MARGIN, height_of - 2 * MARGIN
    per_km = min(width / span_x, height / span_y)
    return Projection(
        west=middle[1] - width / per_km / km_per_longitude / 2,
        north=middle[0] + height / per_km / KM_PER_DEGREE / 2,
        per_km=per_km,
        km_per_longitude=km_per_longitude,
    )


def ground_of(projection: Projection, width: int, height: int, marks: Iterable[tuple[int, int]]) -> Ground:
    """The towns on a drawing of that size, but for those whose names would hide another's or one of the marks."""
    taken = list(marks)
    towns: list[Dot] = []
    for name, place in TOWNS.items():
        x, y = projection.at(place)
        is_on_it = 0 < x < width and 0 < y < height
        if is_on_it and all(abs(x - other) > _TOWN_WIDTH or abs(y - level) > _TOWN_HEIGHT for other, level in taken):
            taken.append((x, y))
            towns.append(Dot("town", name, x, y))
    outlines = tuple(" ".join("{},{}".format(*projection.at(place)) for place in outline) for outline in COUNTRIES)
    return Ground(outlines, tuple(towns))


def _dots(candidates: Iterable[Candidate], places: dict[str, Place], projection: Projection) -> list[Dot]:
    """Rejected ones first, so that they are drawn below the others; those off the map are left out."""
    drawn = []
    for each in candidates:
        x, y = projection.at(places[each.stock_point])
        kind = {CHOSEN: CHOSEN, REJECTED: REJECTED}.get(each.outcome, "alternative")
        if 0 <= x <= WIDTH and 0 <= y <= HEIGHT:
            drawn.append(Dot(kind, each.stock_point, x, y))
    return sorted(drawn, key=lambda dot: ((REJECTED, "alternative", CHOSEN).index(dot.kind), dot.name))


def _rings(destination: Dot, dots: Sequence[Dot], projection: Projection) -> tuple[Ring, ...]:
    ways = [hypot(dot.x - destination.x, dot.y - destination.y) for dot in dots if dot.kind != REJECTED]
    farthest_km = max([*ways, WIDTH / 4]) / projection.per_km
    step = next((step for step in RING_STEPS_KM if farthest_km / step <= 3), RING_STEPS_KM[-1])
    return tuple(Ring(round(step * number * projection.per_km), step * number) for number in (1, 2, 3))


def _labelled(dots: Sequence[Dot], destination: Dot | None) -> tuple[Dot, ...]:
    """Names where there is room: of every chosen one, and of the nearest alternatives that hide no other name."""
    centre = destination or Dot("destination", "", WIDTH // 2, HEIGHT // 2)
    wanted = [dot for dot in dots if dot.kind == CHOSEN] + sorted(
        (dot for dot in dots if dot.kind == "alternative"),
        key=lambda dot: hypot(dot.x - centre.x, dot.y - centre.y),
    )[:LABELLED_ALTERNATIVES]
    taken: list[tuple[int, int, int]] = []
    labelled: dict[str, Dot] = {}
    for dot in wanted:
        length = len(dot.name) * _LETTER_WIDTH + 10
        is_left = dot.x + length > WIDTH
        start = dot.x - length if is_left else dot.x
        is_free = all(
            abs(dot.y - y) > _LABEL_HEIGHT or start > other + reach or other > start + length
            for other, y, reach in taken
        )
        if is_free or dot.kind == CHOSEN:
            taken.append((start, dot.y, length))
            labelled[dot.name] = Dot(dot.kind, dot.name, dot.x, dot.y, dot.name, is_left)
    return tuple(labelled.get(dot.name, dot) for dot in dots)
