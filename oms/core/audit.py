"""Who changed what, and what the system decided: append-only rows, sealed in a hash chain by a task.

An entry holds references ("order:H26…"), never personal data: it cannot be erased.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.models import AuditEntry


def record_audit(action: str, *, subject: str, changes: Mapping[str, Any] | None = None) -> None:
    """Write one entry in the present transaction, by the current actor. `action` is `noun.past_participle`."""
    record_audits(action, [(subject, changes)])


def record_audits(action: str, subjects: Iterable[tuple[str, Mapping[str, Any] | None]]) -> None:
    """Write one entry per `(subject, changes)`, in one statement."""
    at, actor = clock.now(), current_actor()
    AuditEntry.objects.bulk_create(
        AuditEntry(at=at, actor=actor, action=action, subject=subject, changes=dict(changes or {}))
        for subject, changes in subjects
    )
