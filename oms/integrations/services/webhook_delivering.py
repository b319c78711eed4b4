"""Handing messages to endpoints: outside any transaction, under one id, for days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import structlog
from django.db import transaction
from standardwebhooks.webhooks import Webhook

from oms.core import clock
from oms.core.audit import record_audit
from oms.core.encoding import to_json
from oms.core.retrying import retry_on_conflict
from oms.integrations.models import WebhookMessage
from oms.integrations.services.addressing import PORTS, PrivateAddress, public_address
from oms.integrations.states import WEBHOOK_MESSAGE_MOVES, WebhookMessageState

logger = structlog.get_logger(__name__)

# The waits between attempts, more than four days in all; then the message is dead, and a person may revive it.
WAITS: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 10800, 21600, 43200, 43200, 86400, 86400, 86400)
)
ANSWERS_WITHIN_S: Final = 10.0
# Longer than one delivery takes: who holds a message is alone with it.
LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 20
_LONGEST_ERROR: Final = 300


def deliver_due(*, limit: int = 200, transport: httpx.BaseTransport | None = None) -> int:
    """Send the messages whose time has come; how many were taken."""
    taken = tried = 0
    with httpx.Client(timeout=ANSWERS_WITHIN_S, follow_redirects=False, transport=transport, trust_env=False) as client:
        while tried < limit and (messages := _lease(min(AT_ONCE, limit - tried))):
            tried += len(messages)
            taken += sum(_deliver(message, client) for message in messages)
    return taken


@transaction.atomic
def _lease(limit: int) -> list[WebhookMessage]:
    """The oldest due ones, kept from other workers for a while."""
    due = WebhookMessage.objects.filter(
        state=WebhookMessageState.PENDING, next_attempt_at__lte=clock.now(), endpoint__is_active=True
    )
    messages = list(
        due.select_related("endpoint")
        .order_by("next_attempt_at", "created_at")
        .select_for_update(of=("self",), skip_locked=True)[:limit]
    )
    ids = [message.pk for message in messages]
    WebhookMessage.objects.filter(pk__in=ids).update(next_attempt_at=clock.now() + LEASE * max(1, len(ids)))
    return messages


def _deliver(message: WebhookMessage, client: httpx.Client) -> bool:
    try:
        response = _post(message, client)
    except PrivateAddress as error:
        _fail(message, str(error))
        return False
    except (OSError, httpx.HTTPError) as error:
        _fail(message, f"{type(error).__name__}: {error}")
        return False
    if not response.is_success:
        _fail(message, f"answered {response.status_code}")
        return False
    waiting = WebhookMessage.objects.filter(pk=message.pk)
    WEBHOOK_MESSAGE_MOVES.move_all(
        waiting,
        frm=WebhookMessageState.PENDING,
        to=WebhookMessageState.DELIVERED,
        delivered_at=clock.now(),
        attempts=message.attempts + 1,
        last_error="",
    )
    return True


def _post(message: WebhookMessage, client: httpx.Client) -> httpx.Response:
    """The connection goes to the very address that was looked at: a name may answer otherwise a moment later."""
    url = httpx.URL(message.endpoint.url)
    address = public_address(url.host, url.port or PORTS[url.scheme])
    body = to_json({"type": message.event, "timestamp": message.created_at.isoformat(), "data": message.data})
    now = clock.now()
    identity = f"msg_{message.pk.hex}"
    headers: dict[str, str] = {
        "content-type": "application/json",
        "host": url.netloc.decode(),
        "user-agent": "Halles",
        "webhook-id": identity,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(message.endpoint.secret).sign(identity, now, body.decode()),
    }
    extensions: dict[str, Any] = {"sni_hostname": url.host}
    with client.stream(
        "POST", url.copy_with(host=address), content=body, headers=headers, extensions=extensions
    ) as response:
        # What it says beside its status is of no interest, however long.
        return response


def _fail(message: WebhookMessage, reason: str) -> None:
    """Tried again later, or dead once it has been tried for days."""
    attempts = message.attempts + 1
    changes: dict[str, Any] = {"attempts": attempts, "last_error": reason[:_LONGEST_ERROR]}
    waiting = WebhookMessage.objects.filter(pk=message.pk, state=WebhookMessageState.PENDING)
    if attempts <= len(WAITS):
        waiting.update(next_attempt_at=clock.now() + WAITS[attempts - 1], **changes)
        return
    logger.warning("webhook_message.dead", message=str(message.pk), endpoint=message.endpoint_id)
    WEBHOOK_MESSAGE_MOVES.move_all(waiting, frm=WebhookMessageState.PENDING, to=WebhookMessageState.DEAD, **changes)


@retry_on_conflict
@transaction.atomic
def send_message_again(*, message_id: UUID) -> None:
    """A person wants a dead one tried again, under its own id. Raises `StateConflict` for one that is not dead."""
    message = WebhookMessage.objects.get(pk=message_id)
    WEBHOOK_MESSAGE_MOVES.move(message, WebhookMessageState.PENDING, attempts=0, next_attempt_at=clock.now())
    record_audit("webhook_message.requested", subject=f"webhook_message:{message.pk}")
