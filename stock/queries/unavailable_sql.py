"""What a level's `unavailable` should be, by the entries that moved it, written once for whoever asks."""

from typing import Any, Final

from django.db import connection

# Entry after entry, never below zero, as the services change it: a plain sum forgets what was cut off at zero. That is
# the sum, less the lowest point the running sum came to below zero. {where} chooses the entries.
WALKED: Final = """SELECT level_id, (sum(quantity) - least(0, min(running)))::integer AS units FROM (
    SELECT level_id, quantity, sum(quantity) OVER (PARTITION BY level_id ORDER BY id) AS running
    FROM stock_unavailability {where}) entries GROUP BY level_id"""


def proven_unavailable(level_id: int, *, where: str = "", **parameters: Any) -> int:
    """What one level's entries come to; of those only that `where` chooses, which begins with AND."""
    with connection.cursor() as cursor:
        cursor.execute(WALKED.format(where=f"WHERE level_id = %(level)s {where}"), {"level": level_id, **parameters})
        row = cursor.fetchone()
    return 0 if row is None else int(row[1])
