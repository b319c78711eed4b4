"""Working out from the ledger how fast articles sell where they lie."""

from datetime import timedelta

from django.db import connection, transaction

from oms.core import clock
from oms.sourcing.facts import SALES_DAYS

# Rows are recorded in time, or some days late by a file: by the day they were recorded they are found
# without reading the whole ledger, by the day they happened they count.
_LATE_DAYS = 7

_REFRESH = """
MERGE INTO orchestration_sellingpace p
USING (
    SELECT variant_id, stock_point_id, -sum(quantity) AS sold
    FROM stock_stockmovement
    WHERE kind IN ('sale', 'shipment') AND recorded_at >= %(recorded_since)s AND occurred_at >= %(since)s
    GROUP BY variant_id, stock_point_id HAVING sum(quantity) < 0
) s ON s.variant_id = p.variant_id AND s.stock_point_id = p.stock_point_id
WHEN MATCHED AND p.sold <> s.sold THEN UPDATE SET sold = s.sold, refreshed_at = %(now)s
WHEN NOT MATCHED THEN INSERT (variant_id, stock_point_id, sold, refreshed_at)
    VALUES (s.variant_id, s.stock_point_id, s.sold, %(now)s)
"""
_FORGET = """
DELETE FROM orchestration_sellingpace p WHERE NOT EXISTS (
    SELECT 1 FROM stock_stockmovement m
    WHERE m.variant_id = p.variant_id AND m.stock_point_id = p.stock_point_id
      AND m.kind IN ('sale', 'shipment') AND m.recorded_at >= %(recorded_since)s AND m.occurred_at >= %(since)s
    GROUP BY m.variant_id, m.stock_point_id HAVING sum(m.quantity) < 0
)
"""


@transaction.atomic
def refresh_selling_paces() -> int:
    """Count what was sold in the last `SALES_DAYS` days again; how many rows changed. Twice is harmless."""
    now = clock.now()
    since = now - timedelta(days=SALES_DAYS)
    values = {"now": now, "since": since, "recorded_since": since - timedelta(days=_LATE_DAYS)}
    with connection.cursor() as cursor:
        # One refresh at a time: two would both find the same row missing.
        cursor.execute("LOCK TABLE orchestration_sellingpace IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(_REFRESH, values)
        changed = cursor.rowcount
        cursor.execute(_FORGET, values)
        return changed + cursor.rowcount
