"""The end of the ledger, found without reading what comes before it."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from stock.models import StockMovement

# Ids are given in the order of time, but for transactions that last: so much older ones are looked at, too.
_LEEWAY: Final = timedelta(days=1)

# Some twenty look-ups by key, however long the ledger is and whatever the statistics say of it.
_FIRST_ID: Final = """
WITH RECURSIVE halves (low, high) AS (
    SELECT min(id), max(id) + 1 FROM stock_stockmovement
    UNION ALL
    SELECT CASE WHEN found.recorded_at < %(since)s THEN found.id + 1 ELSE low END,
           CASE WHEN found.recorded_at < %(since)s THEN high ELSE middle END
    FROM halves
    CROSS JOIN LATERAL (SELECT (low + high) / 2 AS middle) half
    CROSS JOIN LATERAL (
        SELECT id, recorded_at FROM stock_stockmovement WHERE id >= middle ORDER BY id LIMIT 1
    ) found
    WHERE low < high
)
SELECT coalesce(max(low), 0) FROM halves
"""


def recorded_since(movements: QuerySet[StockMovement], since: datetime) -> QuerySet[StockMovement]:
    """Those recorded then or later, bounded by their key as well.

    By the moment alone, a list of the newest may be read from the ledger's end to its beginning: it is, where the
    statistics promise many rows of a kind of which there was none lately.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_ID, {"since": since - _LEEWAY})
        (first,) = cursor.fetchone()
    return movements.filter(id__gte=first, recorded_at__gte=since)
