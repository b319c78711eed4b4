"""What lies where of the articles asked for, in one statement for each sales channel.

Where there is only one, that statement can also read what is configured and counted: each round trip saved here is
saved for every decision.

The subtractions are stock's own (`stock.queries.level_sql`). Which stock points are asked is known already (the
network, by its version), so nothing but levels is read: thousands of them pass here for every order, as bytes
that become a column of the network without ever being objects.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import numpy as np

from oms.core.prepared import prepared_cursor, whole_numbers
from oms.orchestration.deciding import KnownNetwork
from oms.orchestration.queries.readings import READING, PlaceKey, Reading, reading_of, reading_parameters
from oms.sourcing.arrays import UnitsByPoint
from stock.queries.level_sql import JOIN_CHANNEL_PROTECTION, PROTECTED

# The LIMIT is how many there are anyway: it tells the planner that they are few, so that it keeps one plan instead of
# planning each basket anew, which takes longer than reading it.
_BY_ID: Final = "SELECT unnest(%(variant_ids)s::bigint[]) AS id LIMIT %(variants)s::bigint"
_BY_SKU: Final = (
    "SELECT id FROM stock_variant WHERE sku = ANY(%(skus)s::text[]) AND is_active LIMIT %(variants)s::bigint"
)
_SHELVES_OF: Final = f"""
SELECT v.id, v.sku, v.weight_g, product.category, v.price, v.currency, product.season_ends_on,
    CASE WHEN v.length_mm > 0 THEN ARRAY[v.length_mm, v.width_mm, v.height_mm] END, held.points, held.units
FROM ({{asked}}) asked
JOIN stock_variant v USING (id) JOIN stock_product product ON product.id = v.product_id
CROSS JOIN LATERAL (
    SELECT string_agg(int8send(l.stock_point_id), ''), string_agg(int4send(l.free), '')
    FROM (SELECT s.stock_point_id, s.on_hand - s.reserved - s.unavailable - {PROTECTED} AS free
          FROM stock_stocklevel s {JOIN_CHANNEL_PROTECTION}
          WHERE s.variant_id = v.id AND s.stock_point_id = ANY(%(points)s::bigint[])) l
    WHERE l.free > 0
) held (points, units)
"""  # noqa: S608 (stock's own fragments)
# The reading is the first row, a row for each shelf follows it.
_READING_AND: Final = f"""
SELECT * FROM (SELECT {READING}) reading FULL JOIN ({{shelves}}) shelf ON false
ORDER BY shelf.id NULLS FIRST
"""  # noqa: S608
_SHELVES: Final = _SHELVES_OF.format(asked=_BY_ID)
_READING_AND_SHELVES: Final = _READING_AND.format(shelves=_SHELVES)
_READING_AND_NAMED: Final = _READING_AND.format(shelves=_SHELVES_OF.format(asked=_BY_SKU))
_READ: Final = 4


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
    with prepared_cursor() as cursor:
        cursor.execute(_SHELVES, {**_parameters(channel_id, known, at), **_by_id(variant_ids)})
        return _shelves(cursor.fetchall(), known)


def reading_and_shelves(
    *, channel_id: int, variant_ids: Collection[int], known: KnownNetwork, at: datetime, postcodes: Collection[PlaceKey]
) -> tuple[Reading, dict[int, Shelf]]:
    """`reading_at` and `shelves_for` at once. The shelves are those of `known`: whoever finds in the reading that it is
    no longer the network asks for them again."""
    asked = {**_parameters(channel_id, known, at), **_by_id(variant_ids)}
    return _read(_READING_AND_SHELVES, {**reading_parameters(at, postcodes), **asked}, known)


def reading_and_named_shelves(
    *, channel_id: int, skus: Collection[str], known: KnownNetwork, at: datetime, postcodes: Collection[PlaceKey]
) -> tuple[Reading, dict[int, Shelf]]:
    """The same for articles of which only the SKU is known; one that is not sold is absent."""
    asked = {**_parameters(channel_id, known, at), "skus": list(skus), "variants": len(skus)}
    return _read(_READING_AND_NAMED, {**reading_parameters(at, postcodes), **asked}, known)


def _read(statement: str, parameters: Mapping[str, Any], known: KnownNetwork) -> tuple[Reading, dict[int, Shelf]]:
    with prepared_cursor() as cursor:
        cursor.execute(statement, parameters)
        reading = cursor.fetchone()[:_READ]
        return reading_of(*reading), _shelves((row[_READ:] for row in cursor.fetchall()), known)


def _parameters(channel_id: int, known: KnownNetwork, at: datetime) -> dict[str, int | str]:
    return {"channel_id": channel_id, "points": whole_numbers(known.open_points(at))}


def _by_id(variant_ids: Collection[int]) -> dict[str, int | str]:
    return {"variant_ids": whole_numbers(variant_ids), "variants": len(variant_ids)}


def _shelves(rows: Iterable[Sequence[Any]], known: KnownNetwork) -> dict[int, Shelf]:
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
        for pk, sku, weight_g, category, price, currency, season_ends_on, sides, held, free in rows
    }


def _units(known: KnownNetwork, points: bytes | None, free: bytes | None) -> UnitsByPoint:
    """Both as the server sends whole numbers: 8 and 4 bytes each, the highest first."""
    arrays = known.network.arrays
    column = np.zeros(arrays.size, dtype=np.int64)
    if points and free:
        column[known.rows_of(np.frombuffer(points, dtype=">i8"))] = np.frombuffer(free, dtype=">i4")
    return UnitsByPoint(arrays.codes, column)
