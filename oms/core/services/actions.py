"""What a person asks for on a screen is done once, however often the tablet sends it.

A lost reply is asked for again with the same key and gets the same answer; of a double click the second
waits for the first. Times are the database's; a lease outlives a killed web process for `LEASE_S`.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any, Final

from django.db import connection

from oms.core.errors import IdempotencyKeyReused, InProgress
from oms.core.models import PersonsAction, User

LEASE_S: Final = 60
WAIT_S: Final = 10
_PULSE_S: Final = 0.1

_CLAIM = """
INSERT INTO core_personsaction AS action (user_id, key, request_hash, lease_token, leased_until, location, messages)
VALUES (%(user)s, %(key)s, %(hash)s, %(token)s, statement_timestamp() + make_interval(secs => %(lease)s), '', '[]')
ON CONFLICT (user_id, key) DO UPDATE
    SET lease_token = excluded.lease_token, leased_until = excluded.leased_until
    WHERE action.location = ''
      AND action.leased_until < statement_timestamp()
      AND action.request_hash = excluded.request_hash
RETURNING lease_token
"""


@dataclass(frozen=True, slots=True)
class ActionLease:
    """The right to act for a key."""

    user_id: int
    key: uuid.UUID
    token: uuid.UUID


def claim_action(
    *, user: User, key: uuid.UUID, request_hash: str, wait_s: float = WAIT_S
) -> ActionLease | PersonsAction:
    """A lease to do it now, or what was answered when it was done; waits for one that is being done.

    Raises `IdempotencyKeyReused` for another request under the same key, `InProgress` when waiting was in vain.
    """
    token, pause, tries = uuid.uuid4(), Event(), max(1, round(wait_s / _PULSE_S))
    for _ in range(tries):
        with connection.cursor() as cursor:
            parameters: dict[str, Any] = {
                "user": user.pk,
                "key": key,
                "hash": request_hash,
                "token": token,
                "lease": LEASE_S,
            }
            cursor.execute(_CLAIM, parameters)
            if cursor.fetchone() is not None:
                return ActionLease(user.pk, key, token)
        action = PersonsAction.objects.filter(user=user, key=key).first()
        if action is not None and action.request_hash != request_hash:
            raise IdempotencyKeyReused
        if action is not None and action.location:
            return action
        pause.wait(_PULSE_S)
    raise InProgress


def record_action(*, lease: ActionLease, location: str, messages: Sequence[Any]) -> None:
    """Keep where the screen goes next and what it says there, unless the lease was lost."""
    _held(lease).update(location=location, messages=list(messages))


def release_action(*, lease: ActionLease) -> None:
    """Nothing was done: the same form may be sent again, corrected."""
    _held(lease).delete()


def _held(lease: ActionLease) -> Any:
    return PersonsAction.objects.filter(user_id=lease.user_id, key=lease.key, lease_token=lease.token, location="")
