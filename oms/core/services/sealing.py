"""The audit's hash chain: each sealed entry's hash covers its content and the hash before it.

The chain follows the order of sealing, not of ids: an id is taken before its transaction commits, so
an entry may appear below one that is already sealed. Only committed entries can be seen and sealed,
whatever is still in flight is sealed by a later run, and nothing is ever sealed twice.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import structlog
from django.db import connection, transaction

from oms.core.models import AuditEntry, AuditHead

ENTRIES_AT_ONCE = 5000

_SEAL = """
UPDATE core_auditentry AS entry SET position = sealed.position, hash = sealed.hash
FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS sealed(id, position, hash)
WHERE entry.id = sealed.id
"""

logger = structlog.get_logger(__name__)


@transaction.atomic
def seal_audit(*, limit: int = ENTRIES_AT_ONCE) -> int:
    """Seal up to `limit` committed entries; how many. While another process seals, none."""
    AuditHead.objects.bulk_create([AuditHead(id=1)], ignore_conflicts=True)
    head = AuditHead.objects.select_for_update(skip_locked=True, no_key=True).first()
    if head is None:
        return 0
    entries = list(AuditEntry.objects.filter(position=None).order_by("id")[:limit])
    if not entries:
        return 0
    position, before = head.position, bytes(head.hash)
    for entry in entries:
        position += 1
        entry.position, entry.hash = position, hash_of_entry(entry, position=position, before=before)
        before = entry.hash
    with connection.cursor() as cursor:
        cursor.execute(
            _SEAL, [[e.pk for e in entries], [e.position for e in entries], [bytes(e.hash or b"") for e in entries]]
        )
    head.position, head.hash = position, before
    head.save()
    # The log keeps a copy of the head where the database's owner cannot reach it.
    logger.info("audit.sealed", entries=len(entries), position=position, hash=before.hex())
    return len(entries)


def hash_of_entry(entry: AuditEntry, *, position: int, before: bytes) -> bytes:
    """sha256 of the hash before and the entry's content, as JSON with sorted keys."""
    content: list[Any] = [
        position,
        entry.pk,
        entry.at.isoformat(),
        entry.actor,
        entry.action,
        entry.subject,
        entry.changes,
    ]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(before + text.encode()).digest()


def breaks_in_chain() -> Iterator[str]:
    """Each sealed entry that does not fit the chain, and a chain that ends before its head."""
    position, before = 0, b""
    for entry in AuditEntry.objects.exclude(position=None).order_by("position").iterator(chunk_size=2000):
        assert entry.position is not None
        if entry.position != position + 1:
            yield f"audit entries at places {position + 1} to {entry.position - 1} are missing"
        elif bytes(entry.hash or b"") != hash_of_entry(entry, position=entry.position, before=before):
            yield f"audit entry {entry.pk} at place {entry.position} was changed after it was sealed"
        position, before = entry.position, bytes(entry.hash or b"")
    head = AuditHead.objects.first()
    if (position, before) != ((head.position, bytes(head.hash)) if head else (0, b"")):
        yield f"the audit chain ends at place {position}, its head is at {head.position if head else 0}"
