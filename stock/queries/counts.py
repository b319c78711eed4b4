"""What a count would change: what was found, plus what has moved since it was found, less what the books say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from stock.models import StockCount

# Our own movements only: a feed's figure is another truth about the same shelf, and so is another count's.
COUNTED: Final = """
FROM stock_countline l
JOIN stock_stockcount c ON c.id = l.stock_count_id
JOIN stock_variant v ON v.id = l.variant_id
JOIN stock_stocklevel s ON s.variant_id = l.variant_id AND s.stock_point_id = c.stock_point_id
LEFT JOIN LATERAL (
    SELECT sum(m.quantity)::integer AS quantity FROM stock_stockmovement m
    WHERE m.variant_id = l.variant_id AND m.stock_point_id = c.stock_point_id AND m.occurred_at > l.counted_at
      AND NOT (m.kind IN ('feed', 'absorbed')) AND NOT (m.kind = 'count' AND m.reference LIKE 'stock-count:%%')
) moved ON l.counted IS NOT NULL"""
OF_COUNT: Final = "WHERE l.stock_count_id = %(count)s"
DIFFERENCE: Final = "l.counted + coalesce(moved.quantity, 0) - s.on_hand"

_LINES: Final = f"""
SELECT l.id, v.sku, p.name, v.colour, v.size, l.expected, l.counted, coalesce(moved.quantity, 0), s.on_hand, s.reserved,
       d.units, v.price, v.currency
{COUNTED}
JOIN stock_product p ON p.id = v.product_id
CROSS JOIN LATERAL (SELECT coalesce(l.applied_quantity, {DIFFERENCE}) AS units) d
{OF_COUNT} AND (NOT %(only_differing)s OR d.units <> 0)
  AND (%(line_ids)s::bigint[] IS NULL OR l.id = ANY(%(line_ids)s::bigint[]))
ORDER BY v.sku LIMIT %(limit)s OFFSET %(offset)s
"""
_TOTALS: Final = f"""
SELECT v.currency, count(*), count(l.counted), count(*) FILTER (WHERE d.units <> 0),
       coalesce(sum(d.units) FILTER (WHERE d.units > 0), 0), coalesce(sum(d.units) FILTER (WHERE d.units < 0), 0),
       coalesce(sum(d.units * v.price) FILTER (WHERE d.units > 0), 0),
       coalesce(sum(d.units * v.price) FILTER (WHERE d.units < 0), 0)
{COUNTED}
CROSS JOIN LATERAL (SELECT coalesce(l.applied_quantity, {DIFFERENCE}) AS units) d
{OF_COUNT} GROUP BY v.currency ORDER BY v.currency
"""


@dataclass(frozen=True, slots=True)
class CountedLine:
    """`difference` in units, signed: what is or was applied; None where nobody has counted. `moved`: since it was."""

    pk: int
    sku: str
    name: str
    colour: str
    size: str
    expected: int
    counted: int | None
    moved: int
    on_hand: int
    reserved: int
    difference: int | None
    price: Decimal
    currency: str

    @property
    def value(self) -> Decimal | None:
        """Of the difference, at the selling price."""
        return None if self.difference is None else self.difference * self.price


@dataclass(frozen=True, slots=True)
class CountTotals:
    """Of the lines priced in one currency. `lost_*` are negative."""

    currency: str
    lines: int
    counted: int
    differing: int
    found_units: int
    lost_units: int
    found_value: Decimal
    lost_value: Decimal


def counted_lines(
    stock_count: StockCount,
    *,
    only_differing: bool = False,
    line_ids: Sequence[int] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[CountedLine]:
    """The sheet by SKU, or given lines of it, with what applying it now would change. One query."""
    parameters = {
        "count": stock_count.pk,
        "only_differing": only_differing,
        "line_ids": line_ids,
        "limit": limit,
        "offset": offset,
    }
    return [CountedLine(*row) for row in _rows(_LINES, parameters)]


def count_totals(stock_count: StockCount) -> list[CountTotals]:
    """One per currency; a sheet without lines has none."""
    return [CountTotals(*row) for row in _rows(_TOTALS, {"count": stock_count.pk})]


def _rows(sql: str, parameters: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
