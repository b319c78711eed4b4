"""Keeping the feed of changes as short as the catalogue."""

from typing import Final

from django.db import connection, transaction

# Whoever reads from before a variant's older row finds its latest one.
_DROP_OVERTAKEN: Final = """
WITH ordered AS (
    SELECT id, row_number() OVER (PARTITION BY variant_id ORDER BY xid DESC, id DESC) AS place
    FROM stock_availabilitychange WHERE xid < pg_snapshot_xmin(pg_current_snapshot())
)
DELETE FROM stock_availabilitychange c USING ordered o WHERE c.id = o.id AND o.place > 1
"""
# A database restored elsewhere counts its transactions anew; rows of the future would never be read.
_BRING_BACK: Final = """
UPDATE stock_availabilitychange SET xid = pg_current_xact_id() WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())
"""


@transaction.atomic
def compact_changes() -> int:
    """Drop the rows that a later one of the same variant has overtaken; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_BRING_BACK)
        cursor.execute(_DROP_OVERTAKEN)
        return int(cursor.rowcount)
