"""Idempotency keys: leased while the request runs, then holding its answer. Keys belong to their client.

A lease outlives a worker that was killed only for `LEASE_S`; a later request with the same key then
takes it over, and the natural key of what it creates keeps the effect single. Times are the database's.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.files import File
from django.db import connection

from oms.core.errors import IdempotencyKeyReused, InProgress
from oms.core.models import ApiClient, IdempotencyRecord

LEASE_S = 60
# Answers that say "not now": the same request may have another one in a moment.
_PASSING = frozenset({408, 425, 429})

# The lease need not reach the disk: what it protects commits later, and takes it along.
_CLAIM = """
INSERT INTO core_idempotencyrecord AS record
    (client_id, key, request_hash, lease_token, leased_until, content_type)
VALUES (%(client)s, %(key)s, %(hash)s, %(token)s, statement_timestamp() + make_interval(secs => %(lease)s), '')
ON CONFLICT (client_id, key) DO UPDATE
    SET lease_token = excluded.lease_token, leased_until = excluded.leased_until
    WHERE record.status IS NULL
      AND record.leased_until < statement_timestamp()
      AND record.request_hash = excluded.request_hash
RETURNING id, set_config('synchronous_commit', 'off', true)
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to answer for a key; the token tells it from a later lease of the same key."""

    record_id: int
    token: uuid.UUID


def claim_key(*, client: ApiClient, key: str, request_hash: str, lease_s: int = LEASE_S) -> Lease | IdempotencyRecord:
    """A lease to run the request, or the record of its answer.

    Raises `IdempotencyKeyReused` for another request, `InProgress` while the first one still runs.
    """
    token = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {"client": client.pk, "key": key, "hash": request_hash, "token": token, "lease": lease_s},
        )
        claimed = cursor.fetchone()
    if claimed is not None:
        return Lease(record_id=claimed[0], token=token)
    record = IdempotencyRecord.objects.filter(client=client, key=key).first()
    if record is None:
        raise InProgress  # released between the two statements: the client's next try will get the lease
    if record.request_hash != request_hash:
        raise IdempotencyKeyReused
    if record.status is None:
        raise InProgress
    return record


def is_final(status: int) -> bool:
    """Whether an answer is the request's own, to be given again, and not a passing trouble."""
    return status < 500 and status not in _PASSING


def record_answer(*, lease: Lease, status: int, content_type: str, body: bytes) -> None:
    """Keep the answer, unless the lease was lost to a later request."""
    IdempotencyRecord.objects.filter(pk=lease.record_id, lease_token=lease.token, status=None).update(
        status=status, content_type=content_type, body=body
    )


def release_key(*, lease: Lease) -> None:
    """Forget the key: the same request may run again at once."""
    IdempotencyRecord.objects.filter(pk=lease.record_id, lease_token=lease.token, status=None).delete()


def hash_of_request(address: str, data: Any, *, files: Sequence[tuple[str, File]] = ()) -> str:
    """sha256 over the address, the fields in a canonical form, and each file's content."""
    digest = hashlib.sha256(address.encode())
    digest.update(b"\0" + orjson.dumps(data, option=orjson.OPT_SORT_KEYS))
    for name, file in files:
        digest.update(b"\0" + name.encode() + b"\0")
        for chunk in _chunks(file):
            digest.update(chunk)
    return digest.hexdigest()


def _chunks(file: File) -> Iterable[bytes]:
    file.seek(0)
    yield from file.chunks()
    file.seek(0)
