"""How long purchases take, and what there is of an article in the whole network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection

from oms.core import clock
from stock.queries.expected import NAMES_RECEIPT

# Fewer say nothing about an article of its own, and so few nothing about any.
CASES_OF_ARTICLE: Final = 3
CASES_OF_ALL: Final = 10

# From the announcement of a purchase to the first of it that came; those of the last two years.
_LEADS: Final = f"""
WITH came AS (
    SELECT e.variant_id, extract(epoch FROM min(w.occurred_at) - e.created_at) / 86400 AS days
    FROM stock_expectedreceipt e JOIN stock_ledger w USING (variant_id, stock_point_id)
    WHERE e.kind = 'purchase' AND e.received > 0 AND e.created_at > %(since)s
      AND w.kind IN ('receipt', 'transfer_in') AND w.quantity > 0 AND {NAMES_RECEIPT}
      AND w.occurred_at >= e.created_at
    GROUP BY e.id
), told AS (
    SELECT variant_id, count(*) AS cases, percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS days,
           coalesce(stddev_samp(days), 0) AS spread
    FROM came GROUP BY GROUPING SETS ((variant_id), ())
)
SELECT variant_id, cases, days, spread FROM told
WHERE variant_id = ANY(%(variant_ids)s::bigint[]) OR variant_id IS NULL
"""  # noqa: S608 (our own fragments)
_NETWORK: Final = """
WITH sold AS (
    SELECT variant_id, sum(-quantity) AS units FROM stock_stockmovement
    WHERE variant_id = ANY(%(variant_ids)s::bigint[]) AND kind IN ('sale', 'shipment')
      AND occurred_at > %(since)s AND occurred_at <= %(at)s
      AND stock_point_id = ANY(%(stock_point_ids)s::bigint[]) GROUP BY 1
), here AS (
    SELECT variant_id, sum(on_hand - reserved - unavailable) AS units FROM stock_stocklevel
    WHERE variant_id = ANY(%(variant_ids)s::bigint[]) AND stock_point_id = ANY(%(stock_point_ids)s::bigint[]) GROUP BY 1
), coming AS (
    SELECT variant_id, sum(greatest(outstanding - reserved, 0)) AS units FROM stock_expectedreceipt
    WHERE variant_id = ANY(%(variant_ids)s::bigint[]) AND stock_point_id = ANY(%(stock_point_ids)s::bigint[])
      AND quantity > received AND expected_on >= %(coming_from)s GROUP BY 1
)
SELECT s.variant_id, s.units::integer, coalesce(h.units, 0)::integer, coalesce(c.units, 0)::integer
FROM sold s LEFT JOIN here h USING (variant_id) LEFT JOIN coming c USING (variant_id)
WHERE s.units > 0 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Median and standard deviation in days, of `cases` purchases; without any, as configured."""

    days: int
    spread_days: float
    cases: int


@dataclass(frozen=True, slots=True)
class NetworkStock:
    """An article in the retailer's own network. `sold` in the days of the demand."""

    variant_id: int
    sold: int
    here: int
    incoming: int


def lead_times(variant_ids: Sequence[int], *, at: datetime | None = None) -> dict[int, LeadTime]:
    """Of every variant: its own where enough of its purchases have come, else all purchases', else the setting."""
    at = at or clock.now()
    learned: dict[int | None, LeadTime] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LEADS, {"variant_ids": list(variant_ids), "since": at - timedelta(days=730)})
        for variant, cases, days, spread in cursor.fetchall():
            if cases >= (CASES_OF_ALL if variant is None else CASES_OF_ARTICLE):
                learned[variant] = LeadTime(max(1, round(days)), float(spread), cases)
    of_all = learned.get(None, LeadTime(settings.PURCHASE_LEAD_DAYS, 0.0, 0))
    return {variant: learned.get(variant, of_all) for variant in variant_ids}


def network_stock(
    variant_ids: Sequence[int], *, place_ids: Sequence[int], days: int, at: datetime
) -> list[NetworkStock]:
    """Of the variants that sold at the places in so many days. One query."""
    parameters: dict[str, Any] = {
        "variant_ids": list(variant_ids),
        "stock_point_ids": list(place_ids),
        "since": at - timedelta(days=days),
        "at": at,
        "coming_from": at.date() - timedelta(days=settings.EXPECTED_RECEIPT_GRACE_DAYS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_NETWORK, parameters)
        return [NetworkStock(*row) for row in cursor.fetchall()]
