"""The baseline: each unit from the nearest seller that still has it, order by order, on the same stock.

It knows nothing of parcels, so it opens one for every seller it takes from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from oms.demo.carriage import Carriage, emissions_g
from oms.demo.olist import DataSet, OlistOrder, Place
from oms.sourcing.distances import great_circle_km


@dataclass
class Tally:
    """What a policy did with the stream of orders. Distances in kilometres, one per parcel."""

    orders: int = 0
    units: int = 0
    unfilled_units: int = 0
    served_orders: int = 0
    cost: Decimal = Decimal(0)
    co2e_g: Decimal = Decimal(0)
    distances_km: list[float] = field(default_factory=list)

    def add_parcel(self, carriage: Carriage, origin: Place, to: Place, *, weight_g: int) -> None:
        distance = distance_between(origin, to)
        kilometres = Decimal(str(round(distance, 3)))
        self.distances_km.append(distance)
        self.cost += carriage.cost(origin, to, distance_km=kilometres, weight_g=weight_g)
        self.co2e_g += emissions_g(distance_km=kilometres, weight_g=weight_g)


def distance_between(origin: Place, to: Place) -> float:
    """Great-circle kilometres."""
    there = great_circle_km(np.array([origin.latitude]), np.array([origin.longitude]), to.latitude, to.longitude)
    return float(there[0])


def run(data: DataSet, stock: Mapping[tuple[str, str], int], carriage: Carriage) -> Tally:
    """Serve the orders in time order."""
    left: dict[str, dict[str, int]] = defaultdict(dict)
    for (product, seller), units in stock.items():
        left[product][seller] = units
    places = {seller.key: seller.place for seller in data.sellers}
    weights = {product.key: product.weight_g for product in data.products}
    tally = Tally()
    for order in data.orders:
        _serve(order, left, places, weights, carriage, tally)
    return tally


def _serve(
    order: OlistOrder,
    left: Mapping[str, dict[str, int]],
    places: Mapping[str, Place],
    weights: Mapping[str, int],
    carriage: Carriage,
    tally: Tally,
) -> None:
    parcels: dict[str, int] = defaultdict(int)
    tally.orders += 1
    for item in order.items:
        wanted = item.quantity
        tally.units += wanted
        for seller in _nearest_first(left[item.product], places, order.place):
            taken = min(wanted, left[item.product][seller])
            left[item.product][seller] -= taken
            wanted -= taken
            if taken:
                parcels[seller] += taken * weights[item.product]
            if not wanted:
                break
        tally.unfilled_units += wanted
    tally.served_orders += bool(parcels)
    for seller, weight_g in parcels.items():
        tally.add_parcel(carriage, places[seller], order.place, weight_g=weight_g)


def _nearest_first(sellers: Iterable[str], places: Mapping[str, Place], to: Place) -> list[str]:
    names = list(sellers)
    latitudes = np.array([places[name].latitude for name in names])
    longitudes = np.array([places[name].longitude for name in names])
    distances = great_circle_km(latitudes, longitudes, to.latitude, to.longitude)
    return [name for _, name in sorted(zip(distances.tolist(), names, strict=True))]
