"""What lies where of the articles asked for, in one statement for each sales channel.

The subtractions are stock's own (`stock.queries.level_sql`). Which stock points are asked is known already (the
network, by its version), so nothing but levels is read: thousands of them pass here for every order, as bytes
that become a column of the network without ever being objects.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np

from oms.core.prepared import prepared_cursor
from oms.orchestration.deciding import KnownNetwork
from oms.sourcing.arrays import UnitsByPoint
from stock.queries.level_sql import JOIN_CHANNEL_PROTECTION, PROTECTED

_SHELVES = f"""
SELECT v.id, v.sku, v.weight_g, product.category, v.price, v.currency, product.season_ends_on,
    CASE WHEN v.length_mm > 0 THEN ARRAY[v.length_mm, v.width_mm, v.height_mm] END, held.points, held.units
FROM stock_variant v JOIN stock_product product ON product.id = v.product_id
CROSS JOIN LATERAL (
    SELECT string_agg(int8send(l.stock_point_id), ''), string_agg(int4send(l.free), '')
    FROM (SELECT s.stock_point_id, s.on_hand - s.reserved - s.unavailable - {PROTECTED} AS free
          FROM stock_stocklevel s {JOIN_CHANNEL_PROTECTION}
          WHERE s.variant_id = v.id AND s.stock_point_id = ANY(%(points)s::text::bigint[])) l
    WHERE l.free > 0
) held (points, units)
WHERE v.id = ANY(%(variant_ids)s::bigint[])
"""  # noqa: S608 (stock's own fragments)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One article, and the units of it the channel may take by the code of the stock point (absent: none).

    `price` in `currency`, the article's own.
    """

    sku: str
    weight_g: int
    category: str
    price: Decimal
    currency: str
    season_ends_on: date | None
    sides_mm: tuple[int, ...]
    units: UnitsByPoint


def shelves_for(
    *, channel_id: int, variant_ids: Collection[int], known: KnownNetwork, at: datetime
) -> dict[int, Shelf]:
    """By variant; every variant is there, also one that lies nowhere. `known`: the channel's network."""
    points = known.open_points(at)
    # As the database writes an array: hundreds of numbers one by one take longer to send than to look for.
    parameters: dict[str, int | str | list[int]] = {
        "channel_id": channel_id,
        "variant_ids": list(variant_ids),
        "points": f"{{{','.join(points)}}}",
    }
    with prepared_cursor() as cursor:
        cursor.execute(_SHELVES, parameters)
        return {
            pk: Shelf(
                sku,
                weight_g,
                category,
                price,
                currency,
                season_ends_on,
                tuple(sides or ()),
                _units(known, held, free),
            )
            for pk, sku, weight_g, category, price, currency, season_ends_on, sides, held, free in cursor.fetchall()
        }


def _units(known: KnownNetwork, points: bytes | None, free: bytes | None) -> UnitsByPoint:
    """Both as the server sends whole numbers: 8 and 4 bytes each, the highest first."""
    arrays = known.network.arrays
    column = np.zeros(arrays.size, dtype=np.int64)
    if points and free:
        column[known.rows_of(np.frombuffer(points, dtype=">i8"))] = np.frombuffer(free, dtype=">i4")
    return UnitsByPoint(arrays.codes, column)
