"""Carriers' services: where they go, when they collect, how long they take and what they cost.

A lane (stock point, destination, mode) that no service covers is served by the house service. Tables go
by the weight of the articles. The plan is looked for with a straight line between the lightest article
and the whole basket, so a basket that travels whole costs exactly what the table says; what is told of a
parcel (`expense`, `price`) always comes from the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from oms.sourcing.parcels import Barred

# The minutes after local midnight at which a service collects at one stock point, a tuple for each weekday, Monday
# first; none at all: as it does everywhere.
PickUps = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """Destinations a service serves alike. Empty: every country, every postcode (normalised prefixes)."""

    code: str
    countries: tuple[str, ...] = ()
    postcode_prefixes: tuple[str, ...] = ()

    def fit(self, country: str, postcode: str) -> int:
        """How closely it names the place: the length of the prefix; -1 where it does not."""
        if self.countries and country not in self.countries:
            return -1
        if not self.postcode_prefixes:
            return 0
        return max((len(prefix) for prefix in self.postcode_prefixes if postcode.startswith(prefix)), default=-1)


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a parcel of at most `up_to_g` (None: of any weight) costs in a zone."""

    zone: str
    up_to_g: int | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CarrierService:
    """`code` is unique in its network; amounts in the channel's currency. `stock_points` None: it collects
    at all of them. It collects at `cut_off` (minutes after local midnight), on its working days; at a stock point in
    `pick_ups` at that point's own times.
    `max_km` is how far it goes from where it collects; `slots` are the hours in which it comes, minutes after
    midnight at the destination; `emission_g_per_parcel` None: as the house's.
    `learned_days` stand for `transit_days` where there is evidence: by zone, then stock point ("": the others)."""

    code: str
    modes: tuple[str, ...]
    zones: tuple[Zone, ...]
    transit_days: Mapping[str, int]
    price_table: tuple[Tariff, ...] = ()
    cost_table: tuple[Tariff, ...] = ()
    cut_off: int | None = None
    working_days: tuple[int, ...] = (1, 2, 3, 4, 5)
    closed_on: tuple[date, ...] = ()
    max_weight_g: int | None = None
    emission_g_per_t_km: Decimal = Decimal(400)
    stock_points: tuple[str, ...] | None = None
    learned_days: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    max_length_mm: int | None = None
    max_girth_mm: int | None = None
    max_km: int | None = None
    barred: tuple[Barred, ...] = ()
    slots: tuple[tuple[int, int], ...] = ()
    emission_g_per_parcel: Decimal | None = None
    pick_ups: Mapping[str, PickUps] = field(default_factory=dict)

    def pick_ups_at(self, stock_point: str) -> PickUps:
        """Its own times at that stock point; none where it collects there as everywhere."""
        return self.pick_ups.get(stock_point, ())

    def zone_for(self, country: str, postcode: str) -> str | None:
        """The zone that names the place most closely, the first of equals; None where none does."""
        fits = [(zone.fit(country, postcode), zone) for zone in self.zones if zone.code in self.transit_days]
        best = max((fit for fit, _ in fits), default=-1)
        return next((zone.code for fit, zone in fits if fit == best), None) if best >= 0 else None

    def slowest_days(self, country: str) -> int:
        """Working days to the farthest of its zones in that country."""
        zones = (zone.code for zone in self.zones if not zone.countries or country in zone.countries)
        return max((self.transit_days[code] for code in zones if code in self.transit_days), default=0)

    def names_by_prefix(self, country: str, postcode: str) -> bool:
        """Whether a zone is chosen by the postcode itself, and not for the country alone."""
        return any(zone.code in self.transit_days and zone.fit(country, postcode) > 0 for zone in self.zones)

    def lacks_table(self, mode: str, country: str, postcode: str, weight_g: int) -> bool:
        """Whether it says that it goes there, but neither how long that takes nor what it costs."""
        if mode not in self.modes or (self.max_weight_g is not None and weight_g > self.max_weight_g):
            return False
        fits = [(zone.fit(country, postcode), zone.code) for zone in self.zones]
        best = max((fit for fit, _ in fits), default=-1)
        if best < 0:
            return False
        code = next(code for fit, code in fits if fit == best)
        return code not in self.transit_days or all(row.zone != code for row in self.cost_table)

    def cost(self, zone: str, weight_g: int) -> Decimal | None:
        """What the retailer pays for one parcel; None where the table does not say."""
        return _amount(self.cost_table, zone, weight_g)

    def price(self, zone: str, weight_g: int) -> Decimal:
        """What the customer pays for the whole basket; nothing where the table does not say."""
        return _amount(self.price_table, zone, weight_g) or Decimal(0)

    def carries(self, mode: str, zone: str | None, weight_g: int) -> bool:
        if mode not in self.modes or zone is None:
            return False
        if self.max_weight_g is not None and weight_g > self.max_weight_g:
            return False
        return self.cost(zone, weight_g) is not None


def _amount(table: tuple[Tariff, ...], zone: str, weight_g: int) -> Decimal | None:
    rows = [row for row in table if row.zone == zone and (row.up_to_g is None or weight_g <= row.up_to_g)]
    if not rows:
        return None
    return min(rows, key=lambda row: (row.up_to_g is None, row.up_to_g or 0)).amount
