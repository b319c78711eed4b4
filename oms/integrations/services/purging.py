"""Messages that were delivered, or given up, are forgotten after a while."""

from typing import Final

from django.db import connection

DELIVERED_KEPT_DAYS: Final = 30
DEAD_KEPT_DAYS: Final = 90
ROWS_AT_ONCE: Final = 5000

# What still has to be sent is never forgotten, however old.
_PURGE: Final = """
DELETE FROM integrations_webhookmessage WHERE id IN (
    SELECT id FROM integrations_webhookmessage
    WHERE state = 'delivered' AND created_at < statement_timestamp() - make_interval(days => %(delivered)s)
       OR state = 'dead' AND created_at < statement_timestamp() - make_interval(days => %(dead)s)
    LIMIT %(limit)s
)
"""


def purge_webhook_messages() -> int:
    """How many were forgotten, a batch at a time so that no lock lasts."""
    purged = 0
    parameters = {"delivered": DELIVERED_KEPT_DAYS, "dead": DEAD_KEPT_DAYS, "limit": ROWS_AT_ONCE}
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_PURGE, parameters)
            purged += cursor.rowcount
            if cursor.rowcount < ROWS_AT_ONCE:
                return purged
