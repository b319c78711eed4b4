"""What a replayed parcel costs and emits: by the built-in service, or by what the data set's own customers paid.

Halles plans with the same figures as the table and the baselines are counted with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from statistics import median
from typing import Any, Final, Protocol

from oms.demo.olist import DataSet, OlistOrder, Place
from oms.sourcing.house import HouseService, parcel_cost, parcel_emissions_g

# Grams, each to its limit: where what was paid rises in the data set.
BANDS: Final = (500, 1_000, 2_000, 5_000, 10_000, None)
LEAST_ORDERS: Final = 5
Lane = tuple[str, str]


class Carriage(Protocol):
    """Money in the replay's currency, distances in kilometres, weights of the articles in grams."""

    def cost(self, origin: Place, to: Place, *, distance_km: Decimal, weight_g: int) -> Decimal: ...

    def services(self, points: Mapping[str, Place], *, run: str) -> list[dict[str, Any]]:
        """The carrier services to set up, collecting at these stock points; none for the built-in one."""
        ...


@dataclass(frozen=True)
class HouseCarriage:
    """The built-in service: a cost that grows with weight and distance alone, as emissions do."""

    house: HouseService

    def cost(self, origin: Place, to: Place, *, distance_km: Decimal, weight_g: int) -> Decimal:
        return parcel_cost(self.house, distance_km=distance_km, weight_g=weight_g)

    def services(self, points: Mapping[str, Place], *, run: str) -> list[dict[str, Any]]:
        return []


@dataclass(frozen=True)
class PaidFreight:
    """What orders of one unit paid, by the regions (first digit of the postcode) it went from and to, and by weight."""

    amounts: Mapping[Lane, float]
    factors: tuple[float, ...]
    days: Mapping[Lane, int]

    @classmethod
    def learned(cls, data: DataSet) -> PaidFreight:
        """Medians by lane, times the median effect of a weight band; days between the carrier and the customer.

        ValueError where no order of one unit was delivered.
        """
        seen = list(_single_units(data))
        amounts = _by_lane((lane, float(order.freight)) for order, lane, _ in seen)
        effects: dict[int, list[float]] = defaultdict(list)
        for order, lane, weight_g in seen:
            effects[_band(weight_g)].append(float(order.freight) / amounts[lane])
        # A heavier parcel never costs less, also where a band has few orders or none.
        factors = accumulate((median(effects[band]) if effects[band] else 0.0 for band in range(len(BANDS))), max)
        travelled = _by_lane((lane, order.days_on_road) for order, lane, _ in seen if order.days_on_road is not None)
        return cls(amounts, tuple(factors), {lane: max(1, round(days)) for lane, days in travelled.items()})

    def cost(self, origin: Place, to: Place, *, distance_km: Decimal, weight_g: int) -> Decimal:
        return self._amount((origin.region, to.region), _band(weight_g))

    def services(self, points: Mapping[str, Place], *, run: str) -> list[dict[str, Any]]:
        """One for each region that something is sent from, with the regions it goes to as its zones."""
        senders: dict[str, list[str]] = defaultdict(list)
        for code, place in points.items():
            senders[place.region].append(code)
        return [self._service(origin, codes, run) for origin, codes in sorted(senders.items())]

    def _service(self, origin: str, codes: list[str], run: str) -> dict[str, Any]:
        regions = [str(digit) for digit in range(10)]
        return {
            "carrier": f"{run}-freight",
            "service": f"from-{origin}",
            "modes": ["home"],
            "zones": [{"code": region, "countries": ["BR"], "postcode_prefixes": [region]} for region in regions],
            "working_days": [1, 2, 3, 4, 5, 6, 7],
            "transit_days": {region: self.days[origin, region] for region in regions},
            "price_table": [],
            "cost_table": [
                {"zone": region, "up_to_g": limit, "amount": str(self._amount((origin, region), band))}
                for region in regions
                for band, limit in enumerate(BANDS)
            ],
            "emission_g_per_t_km": HouseService().emission_g_per_t_km,
            "currency": "BRL",
            "stock_points": codes,
        }

    def _amount(self, lane: Lane, band: int) -> Decimal:
        return Decimal(str(self.amounts[lane] * self.factors[band])).quantize(Decimal("0.01"))


def carriages() -> dict[str, Callable[[DataSet], Carriage]]:
    """What `--freight` may name."""
    return {"house": lambda data: HouseCarriage(HouseService()), "paid": PaidFreight.learned}


def emissions_g(*, distance_km: Decimal, weight_g: int) -> Decimal:
    """Grams of CO2e: the data set tells nothing of vehicles, so the house's figures hold for every carrier."""
    return parcel_emissions_g(HouseService(), distance_km=distance_km, weight_g=weight_g)


def _single_units(data: DataSet) -> Iterable[tuple[OlistOrder, Lane, int]]:
    places = {seller.key: seller.place for seller in data.sellers}
    weights = {product.key: product.weight_g for product in data.products}
    for order in data.orders:
        item = order.items[0]
        if len(order.items) == 1 and item.quantity == 1 and order.freight:
            yield order, (places[item.seller].region, order.place.region), weights[item.product]


def _by_lane(observations: Iterable[tuple[Lane, float]]) -> dict[Lane, float]:
    """The median of each lane; of all that goes to the same region where the lane has too few; else of everything."""
    lanes: dict[Lane, list[float]] = defaultdict(list)
    regions: dict[str, list[float]] = defaultdict(list)
    for (origin, to), value in observations:
        lanes[origin, to].append(value)
        regions[to].append(value)
    if not lanes:
        raise ValueError("no order of one unit tells what a parcel costs and how long it takes")
    whole = median(value for values in regions.values() for value in values)
    digits = [str(digit) for digit in range(10)]
    fallback = {to: median(regions[to]) if len(regions[to]) >= LEAST_ORDERS else whole for to in digits}
    return {
        (origin, to): median(lanes[origin, to]) if len(lanes[origin, to]) >= LEAST_ORDERS else fallback[to]
        for origin in digits
        for to in digits
    }


def _band(weight_g: int) -> int:
    return next(band for band, limit in enumerate(BANDS) if limit is None or weight_g <= limit)
