"""What replenishment is worked out from: shelves, and how fast they empty.

Demand is counted while there was something to sell: of a level that is empty, in the days before it sold its last
unit, however long ago within `LOOK_BACK_DAYS`. Without that, whoever ran out would seem to need nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import connection

from oms.core import clock
from oms.replenishment.facts import Place, Policy, Shelf
from oms.replenishment.needs import lasting_days
from stock.models import StockPoint, StockPointKind
from stock.queries.replenishment_policies import Decided, decided_for

LOOK_BACK_DAYS: Final = 120
COST_SCALE: Final = Decimal(10_000)

_MOVED: Final = """moved AS MATERIALIZED (
    SELECT variant_id, stock_point_id, kind, quantity, occurred_at FROM stock_stockmovement
    WHERE variant_id = ANY(%(variant_ids)s::bigint[]) AND kind IN ('sale', 'shipment', 'return')
      AND occurred_at > %(look_back)s AND occurred_at <= %(at)s
)"""
_SHELVES: Final = f"""
WITH {_MOVED}, emptied AS (
    SELECT variant_id, stock_point_id, max(occurred_at) AS at FROM moved
    WHERE kind IN ('sale', 'shipment') GROUP BY 1, 2
), shelves AS MATERIALIZED (
    SELECT s.variant_id, s.stock_point_id, s.on_hand - s.reserved - s.unavailable AS here, s.protected,
           CASE WHEN s.on_hand - s.unavailable <= 0 THEN coalesce(e.at, %(at)s::timestamptz)
                ELSE %(at)s::timestamptz END AS until
    FROM stock_stocklevel s LEFT JOIN emptied e USING (variant_id, stock_point_id)
    WHERE s.variant_id = ANY(%(variant_ids)s::bigint[]) AND s.stock_point_id = ANY(%(stock_point_ids)s::bigint[])
), figures AS (
    SELECT h.variant_id, h.stock_point_id,
           sum(-m.quantity) FILTER (WHERE m.kind IN ('sale', 'shipment') AND m.occurred_at <= h.until
               AND m.occurred_at > h.until - make_interval(days => %(demand_days)s)) AS sold,
           sum(m.quantity) FILTER (WHERE m.kind = 'return'
               AND m.occurred_at > %(at)s::timestamptz - make_interval(days => %(demand_days)s)) AS returned
    FROM shelves h JOIN moved m USING (variant_id, stock_point_id) GROUP BY 1, 2
), coming AS (
    SELECT variant_id, stock_point_id, sum(greatest(outstanding - reserved, 0)) AS units FROM stock_expectedreceipt
    JOIN unnest(%(stock_point_ids)s::bigint[], %(coming_until)s::date[]) AS w(stock_point_id, until)
         USING (stock_point_id)
    WHERE variant_id = ANY(%(variant_ids)s::bigint[]) AND quantity > received
      AND expected_on BETWEEN %(coming_from)s AND w.until GROUP BY 1, 2
)
SELECT h.variant_id, h.stock_point_id, h.here, greatest(0, h.here - h.protected),
       coalesce(c.units, 0)::integer, greatest(0, coalesce(f.sold, 0))::integer,
       greatest(0, coalesce(f.returned, 0))::integer
FROM shelves h
LEFT JOIN figures f USING (variant_id, stock_point_id) LEFT JOIN coming c USING (variant_id, stock_point_id)
ORDER BY h.variant_id, h.stock_point_id
"""  # noqa: S608 (our own fragments)
# By the day they were recorded they are found without reading the whole ledger.
_SELLING: Final = """
SELECT DISTINCT variant_id FROM stock_stockmovement
WHERE kind IN ('sale', 'shipment') AND recorded_at > %(look_back)s
UNION SELECT variant_id FROM stock_transfer WHERE state = 'proposed'
ORDER BY 1
"""


def replenishment_policy() -> Policy:
    """As configured."""
    return Policy(
        demand_days=settings.REPLENISHMENT_DEMAND_DAYS,
        cover_days=settings.REPLENISHMENT_COVER_DAYS,
        slow_cover_days=settings.REPLENISHMENT_SLOW_COVER_DAYS,
        transfer_days=settings.REPLENISHMENT_TRANSFER_DAYS,
        service_factor=settings.REPLENISHMENT_SERVICE_FACTOR,
        unit_cost=_scaled(settings.REPLENISHMENT_UNIT_COST),
        km_cost=_scaled(settings.REPLENISHMENT_KM_COST),
    )


def replenishable_places(*, at: datetime) -> tuple[dict[int, Place], dict[int, Decided]]:
    """The retailer's own warehouses and stores that take part at that moment, by id, and what was decided for each."""
    own = list(StockPoint.objects.open(at=at).filter(kind__in=[StockPointKind.WAREHOUSE, StockPointKind.STORE]))
    decided = decided_for(own)
    places = {
        point.pk: Place(
            id=point.pk,
            is_warehouse=point.kind == StockPointKind.WAREHOUSE,
            banner_id=point.banner_id,
            latitude=point.latitude,
            longitude=point.longitude,
            # Costs in another currency are not compared: only what is in the base currency counts.
            handling_cost=_scaled(point.handling_cost) if point.currency == settings.BASE_CURRENCY else 0,
            terms=decided[point.pk].terms,
        )
        for point in own
    }
    return places, decided


def selling_variants(*, at: datetime) -> list[int]:
    """Articles that sold lately, and those of which something is proposed."""
    with connection.cursor() as cursor:
        cursor.execute(_SELLING, {"look_back": at - timedelta(days=LOOK_BACK_DAYS)})
        return [row[0] for row in cursor.fetchall()]


def shelves_of(
    variant_ids: Sequence[int], *, places: Mapping[int, Place], policy: Policy, at: datetime | None = None
) -> dict[int, list[Shelf]]:
    """By variant, its shelves at the places, by place. One query."""
    at = at or clock.now()
    parameters: dict[str, Any] = {
        "variant_ids": list(variant_ids),
        "stock_point_ids": list(places),
        "coming_until": [at.date() + timedelta(days=lasting_days(place, policy)) for place in places.values()],
        "at": at,
        "look_back": at - timedelta(days=LOOK_BACK_DAYS),
        "demand_days": policy.demand_days,
        "coming_from": at.date() - timedelta(days=settings.EXPECTED_RECEIPT_GRACE_DAYS),
    }
    found: dict[int, list[Shelf]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SHELVES, parameters)
        for variant, *figures in cursor.fetchall():
            found.setdefault(variant, []).append(Shelf(*figures))
    return found


def in_portions(ids: Sequence[int], *, size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _scaled(cost: Decimal) -> int:
    return round(cost * COST_SCALE)
