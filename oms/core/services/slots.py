"""One effect per period, however many schedulers tick, and however late."""

from django.db import connection

_CLAIM = "INSERT INTO core_taskslot (name, slot) VALUES (%s, %s) ON CONFLICT (name, slot) DO NOTHING"


def claim_slot(*, name: str, slot: str) -> bool:
    """Whether this period's run is the caller's: `claim_slot(name="daily_report", slot="2026-03-29")`.

    Call it inside the transaction that has the effect: a rollback gives the slot back, and a second
    scheduler waits for the first one's commit before it is told no.

    Most scheduled tasks do not need it: they act on every row whose time has come, so that a second
    run finds nothing to do and a missed one is made up for by the next.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [name, slot])
        return cursor.rowcount == 1
