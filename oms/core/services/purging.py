"""Forgetting the machinery's own old records, a batch at a time so that no lock lasts."""

from django.db import connection

EVENTS_KEPT_DAYS = 30
ANSWERS_KEPT_DAYS = 7
FAILURES_KEPT_DAYS = 1
SLOTS_KEPT_DAYS = 400
ROWS_AT_ONCE = 5000

# Events whose deliveries are all done, with these; an event that still has a dead letter stays.
_EVENTS = """
WITH old AS MATERIALIZED (
    SELECT id FROM core_outboxevent AS event
    WHERE relayed_at < statement_timestamp() - make_interval(days => %s)
      AND NOT EXISTS (SELECT FROM core_eventdelivery WHERE event_id = event.id AND state <> 'done')
    ORDER BY id LIMIT %s
), delivered AS (
    DELETE FROM core_eventdelivery AS delivery USING old WHERE delivery.event_id = old.id
)
DELETE FROM core_outboxevent AS event USING old WHERE event.id = old.id
"""


def _aged(table: str, column: str) -> str:
    return (
        f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} "  # noqa: S608 (our own names)
        f"WHERE {column} < statement_timestamp() - make_interval(days => %s) LIMIT %s)"
    )


_STATEMENTS: dict[str, tuple[str, int]] = {
    "events": (_EVENTS, EVENTS_KEPT_DAYS),
    "answers": (_aged("core_idempotencyrecord", "created_at"), ANSWERS_KEPT_DAYS),
    "persons_actions": (_aged("core_personsaction", "created_at"), ANSWERS_KEPT_DAYS),
    "login_failures": (_aged("core_loginfailure", "at"), FAILURES_KEPT_DAYS),
    "slots": (_aged("core_taskslot", "claimed_at"), SLOTS_KEPT_DAYS),
}


def purge_old_records() -> dict[str, int]:
    """How many of each kind were forgotten. Running it twice, or late, makes no difference."""
    return {kind: _purge(statement, days) for kind, (statement, days) in _STATEMENTS.items()}


def _purge(statement: str, days: int) -> int:
    purged = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement, [days, ROWS_AT_ONCE])
            purged += cursor.rowcount
            if cursor.rowcount < ROWS_AT_ONCE:
                return purged
