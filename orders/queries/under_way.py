"""What is being prepared and what is on the road, as the learning of times wants to know it."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from oms.orchestration.queries.under_way import UnderWay

_WORKS = """
SELECT f.stock_point_id, f.created_at, '', ''
FROM orders_fulfilment f
WHERE f.state IN ('offered', 'accepted', 'picking') AND f.lead_id IS NULL AND f.created_at >= %(since)s
"""
_PARCELS = """
SELECT f.stock_point_id, p.handed_over_at, f.service, f.zone
FROM orders_parcel p JOIN orders_fulfilment f ON f.id = p.fulfilment_id
WHERE p.handed_over_at >= %(since)s AND p.delivered_at IS NULL
  AND p.state IN ('handed_over', 'in_transit', 'exception')
"""


def works_under_way(*, since: datetime) -> list[UnderWay]:
    """Work that stock points were given since, and have not prepared."""
    return _rows(_WORKS, since)


def parcels_under_way(*, since: datetime) -> list[UnderWay]:
    """Parcels that left since, and have not come."""
    return _rows(_PARCELS, since)


def _rows(statement: str, since: datetime) -> list[UnderWay]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"since": since})
        return [UnderWay(*row) for row in cursor.fetchall()]
