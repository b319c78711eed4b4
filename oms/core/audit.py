"""Who changed what, and what the system decided: append-only rows, sealed in a hash chain by a task.

An entry holds references ("order:H26…"), never personal data: it cannot be erased.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.encoding import to_json


def record_audit(action: str, *, subject: str, changes: Mapping[str, Any] | None = None) -> None:
    """Write one entry in the present transaction, by the current actor. `action` is `noun.past_participle`."""
    record_audits(action, [(subject, changes)])


def record_audits(action: str, subjects: Iterable[tuple[str, Mapping[str, Any] | None]]) -> None:
    """Write one entry per `(subject, changes)`, in one statement."""
    at, actor = clock.now(), current_actor()
    entries = [(at, actor, action, subject, to_json(dict(changes or {})).decode()) for subject, changes in subjects]
    if not entries:
        return
    # By hand: it stands in the hottest transactions, where the ORM's insert takes three times as long.
    rows = ", ".join(["(%s, %s, %s, %s, %s)"] * len(entries))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO core_auditentry (at, actor, action, subject, changes) VALUES {rows}",  # noqa: S608
            [value for entry in entries for value in entry],
        )
