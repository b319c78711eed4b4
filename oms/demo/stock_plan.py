"""A stock for a data set that has none: drawn from a stated seed, spread over sellers of the same category."""

from __future__ import annotations

import random
from collections import defaultdict

from oms.demo.olist import DataSet

MOST_POINTS_PER_PRODUCT = 6
LEAST_COVER, MOST_COVER = 0.4, 4.0


def plan_stock(data: DataSet, *, seed: int) -> dict[tuple[str, str], int]:
    """Units by (product, seller).

    Each product is given its real demand times a cover drawn between 0.4 and 4, dealt unit by unit over
    its own sellers and others of the same category, six at most, in an order drawn too. So some demand
    cannot be served, and most can be served from more than one place.
    """
    draw = random.Random(seed)  # noqa: S311 (a reproducible plan, not a secret)
    category = {product.key: product.category for product in data.products}
    demand: dict[str, int] = defaultdict(int)
    own: dict[str, set[str]] = defaultdict(set)
    peers: dict[str, set[str]] = defaultdict(set)
    for order in data.orders:
        for item in order.items:
            demand[item.product] += item.quantity
            own[item.product].add(item.seller)
            peers[category[item.product]].add(item.seller)
    units: dict[tuple[str, str], int] = defaultdict(int)
    for product in sorted(demand):
        holders = sorted(own[product])
        others = sorted(peers[category[product]] - own[product])
        wanted = draw.randint(1, MOST_POINTS_PER_PRODUCT) - len(holders)
        holders += draw.sample(others, min(max(wanted, 0), len(others)))
        draw.shuffle(holders)
        for unit in range(round(demand[product] * draw.uniform(LEAST_COVER, MOST_COVER))):
            units[product, holders[unit % len(holders)]] += 1
    return dict(units)
