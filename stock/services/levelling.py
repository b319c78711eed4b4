"""Levels come into being when something is first known of a variant at a stock point."""

from collections.abc import Iterable
from typing import Final

from django.db import connection, transaction

from stock.queries.availability import LevelKey
from stock.services.locking import columns_of
from stock.services.protecting import apply_protection

# Sorted: two writers that create the same levels wait for each other in one order. A variant's rows
# also come to lie together.
_ENSURE: Final = """
INSERT INTO stock_stocklevel (variant_id, stock_point_id)
SELECT w.variant_id, w.stock_point_id
FROM unnest(%(variant_ids)s::bigint[], %(stock_point_ids)s::bigint[]) AS w(variant_id, stock_point_id)
WHERE NOT EXISTS (SELECT 1 FROM stock_stocklevel s
                  WHERE s.variant_id = w.variant_id AND s.stock_point_id = w.stock_point_id)
ORDER BY w.variant_id, w.stock_point_id
ON CONFLICT (variant_id, stock_point_id) DO NOTHING
RETURNING id
"""


@transaction.atomic
def ensure_levels(keys: Iterable[LevelKey]) -> None:
    """Create the levels that are missing, with nothing on hand and their protection. Before any level is locked."""
    with connection.cursor() as cursor:
        cursor.execute(_ENSURE, columns_of(set(keys)))
        created = [row[0] for row in cursor.fetchall()]
    apply_protection(level_ids=created)
