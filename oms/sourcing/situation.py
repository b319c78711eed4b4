"""One basket on its network as columns: what holds whatever the rule.

Rows are stock points in the order of their codes, columns lines in the order of their keys.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing import calendars, reasons
from oms.sourcing.facts import CARRY_OUT, DELIVERED_MODES, E_RESERVATION, EXPRESS, OWN_STOCK_MODES, Facts
from oms.sourcing.house import HouseService, customer_price, parcel_cost
from oms.sourcing.lanes import Lane, choose, lacks_tables, lanes_of, unpriced_days, with_learned
from oms.sourcing.once import once
from oms.sourcing.rules import Objectives
from oms.sourcing.verdicts import Verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from oms.sourcing.calendars import Collecting, HandOver

    Flags = NDArray[np.bool_]
    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]

NEVER = np.iinfo(np.int64).max


class Situation:
    """Columns shared by every rule that is tried on the same facts."""

    def __init__(self, facts: Facts, weigh: Objectives | None = None) -> None:
        """`weigh`: the objectives by which each stock point's service is chosen."""
        self.facts = facts
        self.weigh = weigh or Objectives()
        self.network = facts.network.arrays
        self.lines = sorted(facts.lines, key=lambda line: line.key)
        self.quantities = np.array([line.quantity for line in self.lines], dtype=np.int64)
        house = facts.network.house
        self.house = house.for_express() if facts.mode == EXPRESS else house
        self.own_row = self.network.rows.get(facts.destination_point or "", -1)
        self.is_own = np.zeros(self.network.size, dtype=np.bool_)
        if self.own_row >= 0:
            self.is_own[self.own_row] = True
        self._dates: dict[tuple[int, int, int], tuple[HandOver, date] | None] = {}
        self._ready: dict[int, datetime | None] = {}
        self._handed: dict[tuple[int, int], HandOver | None] = {}

    @once
    def available(self) -> Whole:
        """Units this demand may take, by row and line; a SKU on two lines shows them on both."""
        columns = [self.network.column(self.facts.available.get(line.sku, {}), absent=0) for line in self.lines]
        found: Whole = np.maximum(np.array(columns), 0).T
        for exclusion in self.facts.excluded:
            row = self.network.rows.get(exclusion.stock_point)
            if row is not None:
                found[row, [self._is_excluded(line.key, exclusion.lines) for line in self.lines]] = 0
        return found

    @staticmethod
    def _is_excluded(key: str, lines: tuple[str, ...]) -> bool:
        return not lines or key in lines

    @once
    def capacity_left(self) -> Whole:
        return self.network.column(self.facts.capacity_left, absent=NEVER)

    @once
    def place(self) -> tuple[float | None, float | None, str]:
        """Latitude, longitude and zone at which the customer receives the goods."""
        if self.facts.mode in DELIVERED_MODES and self.facts.destination is not None:
            there = self.facts.destination
            return there.latitude, there.longitude, there.timezone
        if self.own_row >= 0:
            point = self.network.points[self.own_row]
            return point.latitude, point.longitude, point.timezone
        return None, None, self.facts.timezone

    @once
    def known_km(self) -> Real:
        """Kilometres to the place, NaN where one end has no coordinates."""
        latitude, longitude, _ = self.place
        if latitude is None or longitude is None:
            found = np.full(self.network.size, np.nan)
        else:
            found = self.network.km_to(latitude, longitude)
        if self.own_row < 0:
            return found
        found = found.copy()
        found[self.own_row] = 0.0
        return found

    @once
    def distance_km(self) -> Real:
        """Kilometres a parcel travels, with the service's assumption where they are not known."""
        return np.where(np.isnan(self.known_km), float(self.house.unknown_distance_km), self.known_km)

    @property
    def has_margin(self) -> bool:
        """Whether the place is only guessed: then the goods may have to travel further than it looks."""
        there = self.facts.destination
        is_far = there is not None and there.is_degraded and self.facts.mode in DELIVERED_MODES
        return is_far or self.lacks_tables

    @once
    def lacks_tables(self) -> bool:
        """Whether carriers serve the place without telling how: the house brings it, by guesswork."""
        return lacks_tables(self.facts)

    @once
    def lanes(self) -> list[Lane]:
        """The services that could carry the basket, the house first."""
        margin = float(self.house.unknown_distance_km) if self.has_margin else 0.0
        sure = self._days_for(self.distance_km)
        days = sure if not margin else np.maximum(sure, self._days_for(self.distance_km + margin))
        if self.lacks_tables:
            days = np.maximum(days, unpriced_days(self.facts, self.house))
        return lanes_of(self.facts, self.house, self.distance_km, days, sure)

    @once
    def choice(self) -> Whole:
        """The lane of each row."""
        if len(self.lanes) == 1:
            return np.zeros(self.network.size, dtype=np.int64)
        given = self.facts.promised_on
        return choose(
            self.lanes,
            [self.promised_by(np.full(self.network.size, number)) for number in range(len(self.lanes))],
            weight_kg=sum(line.weight_g * line.quantity for line in self.lines) / 1000,
            weigh=self.weigh,
            limit=given.toordinal() if given else None,
            kept={
                self.network.rows[parcel.stock_point]: parcel.service
                for parcel in self.facts.kept
                if parcel.service and parcel.stock_point in self.network.rows
            },
        )

    def lane(self, row: int) -> Lane:
        return self.lanes[int(self.choice[row])]

    def chosen(self, columns: Sequence[Real]) -> Real:
        """Of one column for each lane, the values of the lanes chosen."""
        if len(columns) == 1:
            return columns[0]
        found: Real = np.choose(self.choice, columns)
        return found

    def _days_for(self, distance_km: Real) -> Whole:
        """Working days the house takes to each row's distance."""
        days = np.array([bracket.days for bracket in self.house.transit], dtype=np.int64)
        of_row = self._bracket_of(distance_km)
        found: Whole = days[of_row]
        for bracket, zone in enumerate(self.house.zones):
            if zone in self.house.learned_days:
                learned = with_learned(found, self.house.learned_days[zone], self.network)
                found = np.where(of_row == bracket, learned, found)
        return found

    def _bracket_of(self, distance_km: Real) -> NDArray[np.intp]:
        limits = [bracket.up_to_km for bracket in self.house.transit if bracket.up_to_km is not None]
        return np.searchsorted(limits, distance_km, side="left")

    def zone_of(self, row: int) -> str:
        """The zone of the service that a parcel from this row goes by; what need not travel has none."""
        if self.is_own[row]:
            return ""
        lane = self.lane(row)
        return lane.zone or self.house.zones[int(self._bracket_of(self.distance_km[row : row + 1])[0])]

    def dates(self, row: int) -> tuple[HandOver, date] | None:
        """Hand-over and promised date of a parcel from this row; None if it never opens."""
        return self._dates_by(row, int(self.choice[row]))

    def _dates_by(self, row: int, number: int) -> tuple[HandOver, date] | None:
        days = -1 if self.is_own[row] else int(self.lanes[number].days[row])
        return self._dates_of(int(self.timetables_of[number][row]), days, number)

    def _dates_of(self, timetable: int, days: int, number: int) -> tuple[HandOver, date] | None:
        key = (timetable, days, number)
        if key not in self._dates:
            self._dates[key] = self._compute_dates(timetable, days, number)
        return self._dates[key]

    def _compute_dates(self, timetable: int, days: int, number: int) -> tuple[HandOver, date] | None:
        """Transit days are -1 for the stock that is already where the customer collects it."""
        here = calendars.zone(self.network.timetables[timetable].timezone)
        if self.facts.mode == CARRY_OUT:
            now, today = self.facts.now, self.facts.now.astimezone(here).date()
            return calendars.HandOver(now, today, now), today
        ready = self._ready_at(timetable)
        if ready is None:
            return None
        if days < 0:
            on_shelf = ready.astimezone(here).date()
            return calendars.HandOver(ready, on_shelf, ready), on_shelf
        handed = self._hand_over(timetable, number, ready)
        return None if handed is None else self.delivery(handed, days, self.lanes[number].service)

    def _ready_at(self, timetable: int) -> datetime | None:
        """The same for every lane."""
        if timetable not in self._ready:
            there = self.network.timetables[timetable]
            here = calendars.zone(there.timezone)
            self._ready[timetable] = calendars.prepared_at(there.calendar, here, self.facts.now, there.minutes)
        return self._ready[timetable]

    def _hand_over(self, timetable: int, number: int, ready: datetime) -> HandOver | None:
        """The same for every distance."""
        if (timetable, number) not in self._handed:
            there, lane = self.network.timetables[timetable], self.lanes[number]
            here, own = calendars.zone(there.timezone), there.pick_ups_of(lane.code)
            self._handed[timetable, number] = calendars.hand_over(there.calendar, here, lane.service, ready, own)
        return self._handed[timetable, number]

    def delivery(self, handed: HandOver, days: int, service: Collecting) -> tuple[HandOver, date] | None:
        """The hand-over, with the date on which the goods are at their destination."""
        there = calendars.zone(self.place[2])
        arrives = calendars.delivered_on(service, there, handed.handed_over_at, days)
        if self.own_row < 0:
            return handed, arrives
        collected = calendars.first_open_day(self.network.points[self.own_row].calendar, arrives)
        return None if collected is None else (handed, collected)

    def emissions_g(self, row: int, weight_g: int) -> int:
        """Grams of CO2 equivalent of one parcel from this row, rounded."""
        if self.is_own[row]:
            return 0
        distance_km = Decimal(str(self.distance_km[row]))
        service = self.lane(row).service
        own = service.emission_g_per_parcel
        each = self.house.emission_g_per_parcel if own is None else own
        tonnes = Decimal(weight_g + self.house.packaging_g) / 1_000_000
        return round(each + tonnes * distance_km * service.emission_g_per_t_km)

    def expense(self, row: int, weight_g: int) -> Decimal:
        """What the retailer pays to prepare and send one parcel from this row."""
        handling, lane = self.network.points[row].handling_cost, self.lane(row)
        if self.is_own[row]:
            return handling
        if isinstance(lane.service, HouseService):
            distance_km = Decimal(str(self.distance_km[row]))
            return handling + parcel_cost(lane.service, distance_km=distance_km, weight_g=weight_g)
        return handling + (lane.service.cost(lane.zone, weight_g) or Decimal(0))

    def price(self, row: int) -> Decimal:
        """What the customer pays for the whole basket where this row's service brings it."""
        lane = self.lane(row)
        if self.is_own[row] or isinstance(lane.service, HouseService):
            return customer_price()
        return lane.service.price(lane.zone, sum(line.weight_g * line.quantity for line in self.lines))

    def earliest_on(self, row: int) -> date:
        """The first day on which a parcel from this row may come: the promised one, or earlier where the
        promise has a margin because the place is not known."""
        promised = self.dates(row)
        assert promised is not None, "asked of rows that deliver only"
        number = int(self.choice[row])
        if not self.has_margin or self.is_own[row]:
            return promised[1]
        near = int(self.lanes[number].sure_days[row])
        sure = self._compute_dates(int(self.network.timetable_of[row]), near, number)
        return promised[1] if sure is None else sure[1]

    @once
    def promised(self) -> Whole:
        """Promised date of each row as a proleptic ordinal; NEVER where it does not open."""
        return self.promised_by(self.choice)

    @once
    def timetables_of(self) -> list[Whole]:
        """The timetable of each row, by lane."""
        return [self.network.timetable_for(lane.code) for lane in self.lanes]

    def _timetable_by(self, numbers: Whole) -> Whole:
        first = self.timetables_of[0]
        if all(each is first for each in self.timetables_of):
            return first
        found: Whole = np.choose(numbers, self.timetables_of)
        return found

    def promised_by(self, numbers: Whole) -> Whole:
        days = np.choose(numbers, [lane.days for lane in self.lanes]) if len(self.lanes) > 1 else self.lanes[0].days
        days = days + 1
        if self.own_row >= 0:
            days[self.own_row] = 0
        timetables, width = len(self.network.timetables), int(days.max(initial=0)) + 1
        keys = (numbers * timetables + self._timetable_by(numbers)) * width + days
        # What is asked for is few of few: a place for each key costs less than sorting the rows.
        ordinals = np.zeros(len(self.lanes) * timetables * width, dtype=np.int64)
        for key in np.flatnonzero(np.bincount(keys, minlength=len(ordinals))).tolist():
            lane_and_timetable, days_after = divmod(key, width)
            number, timetable = divmod(lane_and_timetable, timetables)
            dates = self._dates_of(timetable, days_after - 1, number)
            ordinals[key] = NEVER if dates is None else dates[1].toordinal()
        return ordinals[keys]

    @once
    def verdicts(self) -> Verdicts:
        """What speaks against each row under any rule."""
        facts, network = self.facts, self.network
        verdicts = Verdicts(np.zeros(network.size, dtype=np.int16))
        verdicts.reject(~network.is_active, reasons.INACTIVE)
        is_in_shop = facts.mode == CARRY_OUT
        if not is_in_shop:
            verdicts.reject(self.is_paused(), reasons.PAUSED)
        if facts.channel.stock_points is not None:
            feeds = network.column(dict.fromkeys(facts.channel.stock_points, 1), absent=0)
            verdicts.reject(feeds == 0, reasons.NOT_IN_CHANNEL)
        verdicts.reject(self._has_declined(), reasons.DECLINED)
        self._reject_by_mode(verdicts)
        if not is_in_shop:
            verdicts.reject(self.capacity_left <= 0, reasons.CAPACITY)
        verdicts.reject(self.promised == NEVER, reasons.NEVER_OPEN)
        return verdicts

    def is_paused(self) -> Flags:
        """Rows that take no part today."""
        found = np.zeros(self.network.size, dtype=np.bool_)
        for row, until in self.network.paused:
            here = calendars.zone(self.network.points[row].timezone)
            found[row] = self.facts.now.astimezone(here).date() < until
        return found

    def _has_declined(self) -> Flags:
        found = np.zeros(self.network.size, dtype=np.bool_)
        keys = {line.key for line in self.lines}
        for exclusion in self.facts.excluded:
            row = self.network.rows.get(exclusion.stock_point)
            if row is not None and (not exclusion.lines or keys <= set(exclusion.lines)):
                found[row] = True
        return found

    def _reject_by_mode(self, verdicts: Verdicts) -> None:
        mode, network = self.facts.mode, self.network
        if mode == CARRY_OUT:
            verdicts.reject(~self.is_own, reasons.NOT_THE_SELLING_POINT)
        elif mode in OWN_STOCK_MODES:
            verdicts.reject(~self.is_own, reasons.NOT_THE_PICKUP_POINT)
            offers, reason = (
                (network.reserves, reasons.NO_RESERVATION)
                if mode == E_RESERVATION
                else (network.collects, reasons.NO_PICKUP)
            )
            verdicts.reject(~offers, reason)
        elif mode in DELIVERED_MODES:
            verdicts.reject(~network.ships, reasons.DOES_NOT_SHIP)
        else:
            verdicts.reject(~self.is_own & ~network.ships, reasons.DOES_NOT_SHIP)
            is_collected = self.own_row >= 0 and (network.collects & network.is_active)[self.own_row]
            verdicts.reject(np.full(network.size, not is_collected), reasons.NO_PICKUP)

    @once
    def best_achievable(self) -> int:
        """The earliest day (ordinal) by which points that fit under any rule could deliver each line:
        for the line that takes longest. 0 where nobody has stock of some line."""
        latest = 0
        for line, quantity in enumerate(self.quantities):
            units = np.where(self.verdicts.fits, self.available[:, line], 0)
            holders = units >= quantity
            if not holders.any():
                holders = units > 0
            if holders.any():
                latest = max(latest, int(self.promised[holders].min()))
        return latest

    @once
    def today_open(self) -> Flags:
        """Whether each point works on its own today, its cut-off aside."""
        found = []
        for calendar, zone_name, *_ in self.network.timetables:
            today = self.facts.now.astimezone(calendars.zone(zone_name)).date()
            found.append(calendars.is_open_on(calendar, today))
        return np.array(found, dtype=np.bool_)[self.network.timetable_of]

    @once
    def now_open(self) -> Flags:
        """Whether each point is open at this very moment."""
        found = []
        for calendar, zone_name, *_ in self.network.timetables:
            here = calendars.zone(zone_name)
            today = self.facts.now.astimezone(here).date()
            found.append(
                any(
                    calendars.wall_clock(today, opens, here)
                    <= self.facts.now
                    < calendars.wall_clock(today, closes, here)
                    for opens, closes in calendars.openings_on(calendar, today)
                )
            )
        return np.array(found, dtype=np.bool_)[self.network.timetable_of]
