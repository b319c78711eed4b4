"""A network as columns, prepared once and shared by every decision on it.

Rows are in the order of the stock points' codes: that order breaks every tie.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from oms.sourcing.distances import great_circle_km
from oms.sourcing.once import once

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from oms.sourcing.carriers import CarrierService, PickUps
    from oms.sourcing.facts import StockPointFacts, WorkCalendar

    Flags = NDArray[np.bool_]
    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]


_PLACES_KEPT = 16


class UnitsByPoint(Mapping[str, int]):
    """Units by the code of their stock point, kept as a column of a network: `column[row]` of `codes[row]`, points
    with none left out.

    The engine takes the column as it is. What looks up codes has them made into a dictionary, once.
    """

    def __init__(self, codes: list[str], column: Whole) -> None:
        self.codes = codes
        self.column = column
        column.setflags(write=False)

    @once
    def _known(self) -> dict[str, int]:
        rows = np.flatnonzero(self.column)
        codes = self.codes
        return {codes[row]: units for row, units in zip(rows.tolist(), self.column[rows].tolist(), strict=True)}

    def __getitem__(self, code: str) -> int:
        return self._known[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def items(self) -> ItemsView[str, int]:
        return self._known.items()

    def __repr__(self) -> str:
        return f"UnitsByPoint({self._known!r})"


class Timetable(NamedTuple):
    """How stock points that share it work; `pick_ups` of the services that come there at times of their own."""

    calendar: WorkCalendar
    timezone: str
    minutes: tuple[int, ...]
    pick_ups: tuple[tuple[str, PickUps], ...]

    def pick_ups_of(self, service: str) -> PickUps:
        return next((found for code, found in self.pick_ups if code == service), ())


class NetworkArrays:
    """`points` sorted by code, `rows` from code to row, and one array for each property."""

    def __init__(self, stock_points: Iterable[StockPointFacts], services: Iterable[CarrierService] = ()) -> None:
        self.points = sorted(stock_points, key=lambda point: point.code)
        self.codes = [point.code for point in self.points]
        self.rows = {code: row for row, code in enumerate(self.codes)}
        self.size = len(self.points)
        self.latitudes = self._real(lambda point: point.latitude)
        self.longitudes = self._real(lambda point: point.longitude)
        self.handling = self._real(lambda point: point.handling_cost)
        self.decline_probabilities = self._real(lambda point: point.decline_probability)
        self.priorities = np.array([point.priority for point in self.points], dtype=np.int64)
        self.is_active = self.flags(lambda point: point.is_active)
        self.ships = self.flags(lambda point: point.ships_orders)
        self.collects = self.flags(lambda point: point.offers_pickup)
        self.reserves = self.flags(lambda point: point.offers_reservation)
        self.paused: list[tuple[int, date]] = [
            (row, point.paused_until) for row, point in enumerate(self.points) if point.paused_until
        ]
        self._prepare_timetables([service for service in services if service.pick_ups])
        self._known_km: dict[tuple[float, float], Real] = {}
        self._known_flags: dict[tuple[str, ...], Flags] = {}
        self._known_columns: dict[int, tuple[Mapping[str, int], Whole]] = {}

    def km_to(self, latitude: float, longitude: float) -> Real:
        """Kilometres from each row to a place, NaN from a row without coordinates; not to be written to. The latest
        places are remembered: every mode of one basket asks for the same."""
        found = self._known_km.get((latitude, longitude))
        if found is None:
            found = great_circle_km(self.latitudes, self.longitudes, latitude, longitude)
            found.setflags(write=False)
            if len(self._known_km) >= _PLACES_KEPT:
                self._known_km = {}
            self._known_km[latitude, longitude] = found
        return found

    def flags(self, test: Callable[[StockPointFacts], bool]) -> Flags:
        return np.fromiter((test(point) for point in self.points), dtype=np.bool_, count=self.size)

    def flagged(self, name: str, values: tuple[str, ...], test: Callable[[StockPointFacts], bool]) -> Flags:
        """The rows that pass a test, remembered under its name and values."""
        key = (name, *values)
        if key not in self._known_flags:
            self._known_flags[key] = self.flags(test)
        return self._known_flags[key]

    def column(self, values: Mapping[str, int], absent: int) -> Whole:
        """One whole number per row from a mapping by code; other codes are ignored."""
        if isinstance(values, UnitsByPoint) and not absent and values.codes == self.codes:
            return values.column
        if len(values) * 4 > self.size:
            value_of = values.get
            return np.array([value_of(code, absent) for code in self.codes], dtype=np.int64)
        found = np.full(self.size, absent, dtype=np.int64)
        for code, value in values.items():
            row = self.rows.get(code)
            if row is not None:
                found[row] = value
        return found

    def remembered(self, values: Mapping[str, int]) -> Whole:
        """`column` of a mapping that lives as long as the network and never changes; "" stands for absent codes, -1
        where there is none."""
        known = self._known_columns.get(id(values))
        if known is None:
            # The mapping is kept beside its column, so that its id stays its own.
            known = self._known_columns[id(values)] = values, self.column(values, absent=values.get("", -1))
        return known[1]

    def _real(self, value: Callable[[StockPointFacts], object]) -> Real:
        numbers = (value(point) for point in self.points)
        return np.array([np.nan if found is None else float(found) for found in numbers])  # type: ignore[arg-type]

    def _prepare_timetables(self, collecting: Sequence[CarrierService]) -> None:
        """Points that work alike share one timetable, so that its dates are computed once."""
        known: dict[Timetable, int] = {}
        self.timetable_of = np.zeros(self.size, dtype=np.int64)
        for row, point in enumerate(self.points):
            own = ((service.code, service.pick_ups_at(point.code)) for service in collecting)
            pick_ups = tuple((code, times) for code, times in own if times)
            key = Timetable(point.calendar, point.timezone, point.minutes, pick_ups)
            self.timetable_of[row] = known.setdefault(key, len(known))
        self.timetables = list(known)
        self._has_own_times = bool(collecting)
        self._told_apart: dict[str, Whole] = {}

    def timetable_for(self, service: str) -> Whole:
        """The timetable of each row as far as this service tells them apart: what others collect when changes none of
        its dates, so rows that differ in that alone share the first of theirs."""
        if not self._has_own_times:
            return self.timetable_of
        if service not in self._told_apart:
            first: dict[Timetable, int] = {}
            own = (each._replace(pick_ups=((service, each.pick_ups_of(service)),)) for each in self.timetables)
            alike = np.array([first.setdefault(each, number) for number, each in enumerate(own)], dtype=np.int64)
            self._told_apart[service] = alike[self.timetable_of]
        return self._told_apart[service]
