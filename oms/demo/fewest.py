"""The other baseline: as few parcels as can be, whatever they cost, order by order, on the same stock.

Each parcel comes from the seller that has the most units of what is still wanted, the nearest of equals: all
from one seller where one has everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from oms.demo.carriage import Carriage
from oms.demo.nearest import Tally
from oms.demo.olist import DataSet, OlistOrder, Place
from oms.sourcing.distances import great_circle_km


def run(data: DataSet, stock: Mapping[tuple[str, str], int], carriage: Carriage) -> Tally:
    """Serve the orders in time order."""
    left: dict[str, dict[str, int]] = defaultdict(dict)
    for (product, seller), units in stock.items():
        left[product][seller] = units
    places = {seller.key: seller.place for seller in data.sellers}
    weights = {product.key: product.weight_g for product in data.products}
    tally = Tally()
    for order in data.orders:
        wanted: dict[str, int] = defaultdict(int)
        for item in order.items:
            wanted[item.product] += item.quantity
        tally.orders += 1
        tally.units += sum(wanted.values())
        parcels = _parcels(wanted, left, distances(order, wanted, left, places))
        for seller, taken in parcels:
            weight_g = sum(weights[product] * units for product, units in taken.items())
            tally.add_parcel(carriage, places[seller], order.place, weight_g=weight_g)
        tally.unfilled_units += sum(wanted.values())
        tally.served_orders += bool(parcels)
    return tally


def distances(
    order: OlistOrder,
    wanted: Mapping[str, int],
    left: Mapping[str, Mapping[str, int]],
    places: Mapping[str, Place],
) -> dict[str, float]:
    """Kilometres from every seller that has something of it."""
    sellers = sorted({seller for product in wanted for seller, units in left[product].items() if units})
    latitudes = np.array([places[seller].latitude for seller in sellers])
    longitudes = np.array([places[seller].longitude for seller in sellers])
    found = great_circle_km(latitudes, longitudes, order.place.latitude, order.place.longitude)
    return dict(zip(sellers, found.tolist(), strict=True))


def _parcels(
    wanted: dict[str, int], left: Mapping[str, dict[str, int]], kilometres: Mapping[str, float]
) -> list[tuple[str, dict[str, int]]]:
    """Seller and units of each parcel; what is served is taken off `wanted` and `left`."""
    parcels: list[tuple[str, dict[str, int]]] = []
    while True:
        offers = {
            seller: {product: min(units, left[product].get(seller, 0)) for product, units in wanted.items()}
            for seller in kilometres
        }
        best = max(offers, key=lambda seller: (sum(offers[seller].values()), -kilometres[seller]), default="")
        taken = {product: units for product, units in offers.get(best, {}).items() if units}
        if not taken:
            return parcels
        for product, units in taken.items():
            wanted[product] -= units
            left[product][best] -= units
        parcels.append((best, taken))
