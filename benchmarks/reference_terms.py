"""What each stock point could send and for how much, in plain Python from the raw facts.

It shares no code with the engine: its own filters, distances, tariffs, dates and worth of stock, one stock
point at a time. Networks whose lanes the facts leave out are none of its business: home delivery and parcels
sent to a shop where the customer collects them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from benchmarks.reference_dates import Rounds, arrives_on, collected_on, is_open, is_open_at, ready_at
from oms.sourcing.carriers import CarrierService
from oms.sourcing.facts import Facts, LineDemand, StockPointFacts
from oms.sourcing.house import HouseService
from oms.sourcing.rules import Rule


@dataclass(frozen=True)
class Sender:
    """One stock point that the rule may use: money per parcel, and by line the units it may give and money each."""

    code: str
    fixed: float
    units: Mapping[str, int]
    money: Mapping[str, float]


@dataclass(frozen=True)
class _Way:
    """How a stock point would send: money and kilograms of CO2e per parcel and per kilogram of goods."""

    fixed: float
    per_kg: float
    carbon_fixed: float
    carbon_per_kg: float
    on: date | None


class Question:
    """One basket under one rule."""

    def __init__(self, facts: Facts, rule: Rule) -> None:
        self.facts, self.rule, self.weigh = facts, rule, rule.objectives
        self.points = sorted(facts.network.stock_points, key=lambda point: point.code)
        self.own = next((point for point in self.points if point.code == facts.pickup_point), None)
        self.weight_kg = sum(line.weight_g * line.quantity for line in facts.lines) / 1000

    @cached_property
    def senders(self) -> list[Sender]:
        left = [point for point in self.points if self.may_ever(point) and self.passes(point)]
        units = {point.code: self.usable(point) for point in left}
        left = [point for point in left if any(units[point.code].values())]
        promised = self.facts.promised_on
        if promised is not None:
            last = max(promised, self.best_day or promised) + timedelta(days=self.rule.late_days)
            left = [point for point in left if self.day(point) <= last]
        if not left:
            return []
        due = promised or min(self.day(point) for point in left)
        return [self._sender(point, units[point.code], due) for point in left]

    # Who may send at all.

    def may_ever(self, point: StockPointFacts) -> bool:
        facts = self.facts
        today = facts.now.astimezone(ZoneInfo(point.timezone)).date()
        keys = {line.key for line in facts.lines}
        declined = any(
            each.stock_point == point.code and (not each.lines or keys <= set(each.lines)) for each in facts.excluded
        )
        feeds = facts.channel.stock_points is None or point.code in facts.channel.stock_points
        if self.own is not None and not (self.own.offers_pickup and self.own.is_active):
            return False
        return (
            point.is_active
            and not (point.paused_until and today < point.paused_until)
            and feeds
            and not declined
            and (point.ships_orders or point is self.own)
            and facts.capacity_left.get(point.code, 1) > 0
            and self.way(point).on is not None
        )

    def passes(self, point: StockPointFacts) -> bool:
        wanted, facts = self.rule.filters, self.facts
        today = facts.now.astimezone(ZoneInfo(point.timezone)).date()
        km, left = self.kilometres(point), facts.capacity_left.get(point.code, math.inf)
        tests = (
            not wanted.kinds or point.kind in wanted.kinds,
            not wanted.groups_any or bool(set(wanted.groups_any) & set(point.groups)),
            not set(wanted.exclude_groups) & set(point.groups),
            not wanted.stock_points or point.code in wanted.stock_points,
            point.code not in wanted.exclude_stock_points,
            not wanted.tags_any or bool(set(wanted.tags_any) & set(point.tags)),
            not set(wanted.exclude_tags) & set(point.tags),
            not wanted.same_banner or point.banner == facts.channel.banner,
            not wanted.destination_only or point is self.own,
            not wanted.exclude_destination or point is not self.own,
            wanted.within_km is None or (km is not None and km <= wanted.within_km),
            wanted.min_capacity_left is None or left >= wanted.min_capacity_left,
            not wanted.open_today or is_open(point.calendar, today),
            not wanted.open_now or is_open_at(point.calendar, point.timezone, facts.now),
        )
        return all(tests)

    # Units.

    def held(self, point: StockPointFacts, line: LineDemand) -> int:
        declined = any(
            each.stock_point == point.code and (not each.lines or line.key in each.lines)
            for each in self.facts.excluded
        )
        return 0 if declined else self.facts.available.get(line.sku, {}).get(point.code, 0)

    def usable(self, point: StockPointFacts) -> dict[str, int]:
        wanted, found = self.rule.filters, {}
        for line in self.facts.lines:
            held = self.held(point, line)
            sold = self.facts.recent_sales.get(line.sku, {}).get(point.code, 0)
            lasts = held * 28 / sold if sold else math.inf
            is_spared = wanted.min_cover_days is not None and lasts < wanted.min_cover_days
            found[line.key] = 0 if is_spared else max(0, held - (wanted.min_units_left or 0))
        return found

    # Where it goes, and when it comes.

    def kilometres(self, point: StockPointFacts) -> float | None:
        """By the spherical law of cosines in its well-conditioned (atan2) form; None where an end is not known."""
        place = self.own if self.own is not None else self.facts.destination
        if point is self.own:
            return 0.0
        if None in (point.latitude, point.longitude, place.latitude, place.longitude):
            return None
        a, b = math.radians(point.latitude), math.radians(place.latitude)
        turn = math.radians(place.longitude - point.longitude)
        across = math.hypot(
            math.cos(b) * math.sin(turn),
            math.cos(a) * math.sin(b) - math.sin(a) * math.cos(b) * math.cos(turn),
        )
        along = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(turn)
        return 6371.0088 * math.atan2(across, along)

    def travelled(self, point: StockPointFacts) -> float:
        known = self.kilometres(point)
        return self.facts.network.house.unknown_distance_km if known is None else known

    @cached_property
    def _ways(self) -> dict[str, _Way]:
        return {point.code: self._way(point) for point in self.points}

    def way(self, point: StockPointFacts) -> _Way:
        return self._ways[point.code]

    def day(self, point: StockPointFacts) -> date:
        found = self.way(point).on
        assert found is not None
        return found

    def _way(self, point: StockPointFacts) -> _Way:
        if point is self.own:
            ready = ready_at(point.calendar, point.timezone, self.facts.now, point.preparation_minutes)
            return _Way(0, 0, 0, 0, ready.astimezone(ZoneInfo(point.timezone)).date() if ready else None)
        carried = [
            self._by_carrier(point, service, zone) for service, zone in self._carriers if self._at(service, point)
        ]
        if not carried:
            return self._by_house(point)
        return min(carried, key=self._judged)  # the first of equals

    def _judged(self, way: _Way) -> float:
        """What the whole basket costs by this way, and how late; what keeps the promise comes first."""
        weigh, kg = self.weigh, self.weight_kg
        money = float(weigh.transport) * (way.fixed + way.per_kg * kg)
        money += float(weigh.carbon_per_kg) * way.carbon_per_kg * kg
        if way.on is None:
            return math.inf
        promised = self.facts.promised_on
        late = (way.on - promised).days if promised else (way.on - self.facts.now.date()).days
        money += float(weigh.lateness_per_day) * max(late, 0)
        return round(money, 6) + (1e6 if promised and late > 0 else 0)

    @cached_property
    def _carriers(self) -> list[tuple[CarrierService, str]]:
        country, postcode = self._address
        grams = sum(line.weight_g * line.quantity for line in self.facts.lines)
        found = []
        for service in self.facts.network.services:
            zone = _zone(service, country, postcode)
            fits = service.max_weight_g is None or grams <= service.max_weight_g
            if self.facts.mode in service.modes and zone and fits and _amount(service, zone, grams) is not None:
                found.append((service, zone))
        return found

    @property
    def _address(self) -> tuple[str, str]:
        place = self.facts.destination
        return (self.own.country, "") if self.own is not None else (place.country, place.postcode)

    @staticmethod
    def _at(service: CarrierService, point: StockPointFacts) -> bool:
        return service.stock_points is None or point.code in service.stock_points

    def _by_carrier(self, point: StockPointFacts, service: CarrierService, zone: str) -> _Way:
        """A straight line from the lightest article alone to the whole basket, where that rises."""
        light = min(line.weight_g for line in self.facts.lines)
        whole = sum(line.weight_g * line.quantity for line in self.facts.lines)
        most, least = _amount(service, zone, whole) or 0.0, _amount(service, zone, light) or 0.0
        slope = 0.0 if whole <= light or most <= least else (most - least) / (whole - light) * 1000
        fixed = most - slope * whole / 1000
        if fixed < 0:
            fixed, slope = 0.0, most / whole * 1000
        days = max(service.transit_days[zone], self._days_anywhere(service))
        return self._sent(point, service, fixed, slope, days, packaging_kg=0.0)

    def _days_anywhere(self, service: CarrierService) -> int:
        """To a postcode nobody knows and no zone names: as long as to the farthest place it may be."""
        country, postcode = self._address
        there = [zone for zone in service.zones if not zone.countries or country in zone.countries]
        named = any(postcode.startswith(prefix) for zone in there for prefix in zone.postcode_prefixes)
        if not self._is_guessed or named:
            return 0
        return max(service.transit_days[zone.code] for zone in there if zone.code in service.transit_days)

    def _by_house(self, point: StockPointFacts) -> _Way:
        house, km = self.facts.network.house, self.travelled(point)
        per_kg = float(house.per_kg) + km * float(house.per_kg_km)
        sure = km + (house.unknown_distance_km if self._is_guessed else 0)
        days = next(each.days for each in house.transit if each.up_to_km is None or sure <= each.up_to_km)
        packaging_kg = house.packaging_g / 1000
        return self._sent(point, house, float(house.fixed_per_parcel), per_kg, days, packaging_kg=packaging_kg)

    @property
    def _is_guessed(self) -> bool:
        return self.own is None and self.facts.destination.is_degraded

    def _sent(
        self,
        point: StockPointFacts,
        service: CarrierService | HouseService,
        fixed: float,
        per_kg: float,
        days: int,
        *,
        packaging_kg: float,
    ) -> _Way:
        house = self.facts.network.house
        carbon = self.travelled(point) * float(service.emission_g_per_t_km) / 1_000_000
        place_zone = self.own.timezone if self.own is not None else self.facts.destination.timezone
        own = service.pick_ups_at(point.code)
        rounds = Rounds(service.cut_off, service.working_days, service.closed_on, own)
        on = arrives_on(
            point.calendar, point.timezone, point.preparation_minutes, self.facts.now, rounds, days, place_zone
        )
        if on is not None and self.own is not None:
            on = collected_on(self.own.calendar, on)
        boxed = float(house.emission_g_per_parcel) / 1000 + carbon * house.packaging_g / 1000
        return _Way(fixed + per_kg * packaging_kg, per_kg, boxed, carbon, on)

    @cached_property
    def best_day(self) -> date | None:
        """By when everything could come from anybody who may ever send, each line from one point if one has it."""
        latest = None
        able = [point for point in self.points if self.may_ever(point)]
        for line in self.facts.lines:
            holders = [point for point in able if self.held(point, line) >= line.quantity]
            holders = holders or [point for point in able if self.held(point, line) > 0]
            if holders:
                soonest = min(self.day(point) for point in holders)
                latest = soonest if latest is None else max(latest, soonest)
        return latest

    # Money.

    def _sender(self, point: StockPointFacts, units: Mapping[str, int], due: date) -> Sender:
        weigh, way = self.weigh, self.way(point)
        facts = self.facts
        chance = facts.estimates.decline_probability.get(point.code, point.decline_probability)
        fixed = (
            float(weigh.transport) * way.fixed
            + float(weigh.carbon_per_kg) * way.carbon_fixed
            + float(weigh.handling * point.handling_cost)
            + float(weigh.lateness_per_day) * max(0, (self.day(point) - due).days)
            + float(weigh.decline * chance * (facts.estimates.decline_cost or facts.valuation.decline_cost))
            + float(weigh.priority) * self._rank(point)
        )
        return Sender(point.code, fixed, units, {line.key: self._unit_money(point, line) for line in facts.lines})

    @cached_property
    def _priorities(self) -> list[int]:
        feeds = self.facts.channel.stock_points
        return sorted({point.priority for point in self.points if feeds is None or point.code in feeds})

    def _rank(self, point: StockPointFacts) -> int:
        return self._priorities.index(point.priority)

    def _unit_money(self, point: StockPointFacts, line: LineDemand) -> float:
        way, weigh, learned = self.way(point), self.weigh, self.facts.estimates
        per_kg = float(weigh.transport) * way.per_kg + float(weigh.carbon_per_kg) * way.carbon_per_kg
        aged = self._surplus(point, line) + float(learned.ageing_benefit.get(line.sku, {}).get(point.code, 0))
        scarce = self._missed(point, line) + float(learned.scarcity_cost.get(line.sku, {}).get(point.code, 0))
        return per_kg * line.weight_g / 1000 - float(weigh.ageing) * aged + float(weigh.scarcity) * scarce

    def _surplus(self, point: StockPointFacts, line: LineDemand) -> float:
        """The markdown that is saved: what an unsold unit loses, times the share that would stay unsold."""
        held = self.held(point, line)
        if not held:
            return 0.0
        today, ends = self.facts.now.date(), line.season_ends_on
        days = self.facts.valuation.slow_after_days if ends is None else max(0, (ends - today).days)
        sold = self.facts.recent_sales.get(line.sku, {}).get(point.code, 0) / 28 * days
        share = min(1.0, max(0.0, (held - sold) / held))
        return float(line.unit_price * self.facts.valuation.markdown_share) * share

    def _missed(self, point: StockPointFacts, line: LineDemand) -> float:
        """What a shop misses: by how few the network has, and by how few it has itself."""
        held = self.held(point, line)
        if point.kind != "store" or not held:
            return 0.0
        worth, everywhere = self.facts.valuation, sum(self.held(each, line) for each in self.points)
        short = max(0.0, 1 - everywhere / worth.scarce_below) if worth.scarce_below else 0.0
        return float(line.unit_price) * (float(worth.scarce_share) * short + float(worth.last_unit_share) / held)


def _zone(service: CarrierService, country: str, postcode: str) -> str | None:
    """The zone with the longest prefix of the postcode; the first of equals."""
    best, found = -1, None
    for zone in service.zones:
        if zone.countries and country not in zone.countries:
            continue
        fits = [len(prefix) for prefix in zone.postcode_prefixes if postcode.startswith(prefix)]
        if not zone.postcode_prefixes:
            fits = [0]
        if fits and max(fits) > best:
            best, found = max(fits), zone.code
    return found


def _amount(service: CarrierService, zone: str, grams: int) -> float | None:
    """The row of the least limit that is not passed."""
    for limit in sorted({row.up_to_g or math.inf for row in service.cost_table if row.zone == zone}):
        if grams <= limit:
            return next(
                float(row.amount)
                for row in service.cost_table
                if row.zone == zone and (row.up_to_g or math.inf) == limit
            )
    return None
