"""Old movements leave the ledger's table for its archive: they are still counted, explained and recognised."""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

from oms.core import clock
from oms.core.audit import record_audit
from oms.core.errors import Invalid

MOVED_PER_TRANSACTION: Final = 20_000

_COLUMNS: Final = "id, variant_id, stock_point_id, kind, reference, quantity, occurred_at, recorded_at, recorded_by"
_COPY: Final = f"""
INSERT INTO stock_archivedmovement ({_COLUMNS})
SELECT {_COLUMNS} FROM stock_stockmovement
WHERE recorded_at < %(before)s AND occurred_at < %(before)s ORDER BY id LIMIT %(limit)s
RETURNING id
"""  # noqa: S608 (our own fragments)
_REMOVE: Final = "DELETE FROM stock_stockmovement WHERE id = ANY(%s::bigint[])"


def archive_movements(*, older_than_days: int) -> int:
    """Move what happened and was recorded before then, some at a time, each time all or none; how many.

    No newer than the history that feeds are compared with. Nothing that reads the ledger sees a difference.
    """
    if older_than_days < settings.STOCK_IMPORT_HISTORY_DAYS:
        raise Invalid(
            f"Movements of the last {settings.STOCK_IMPORT_HISTORY_DAYS} days stay where feeds look for them."
        )
    before = clock.now() - timedelta(days=older_than_days)
    total = 0
    while moved := _archive_some({"before": before, "limit": MOVED_PER_TRANSACTION}):
        total += moved
    if total:
        record_audit(
            "stock_ledger.archived", subject="stock_ledger", changes={"movements": total, "before": before.isoformat()}
        )
    return total


@transaction.atomic
def _archive_some(parameters: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COPY, parameters)
        ids = [row[0] for row in cursor.fetchall()]
        # A statement of its own: the trigger lets go only what it finds in the archive.
        cursor.execute(_REMOVE, [ids])
        return len(ids)
