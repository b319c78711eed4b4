"""Endpoints of other programs: told of by them, changed and taken out of service."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_noop
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from oms.core.audit import record_audits
from oms.core.bulk import BulkResult, Row
from oms.core.errors import Invalid
from oms.core.models import ApiClient
from oms.core.services.clients import KEY_BYTES
from oms.integrations.models import WebhookEndpoint, WebhookEvent
from oms.integrations.services.addressing import check_form
from stock.queries.changes import latest_position


@transaction.atomic
def save_endpoints(*, rows: Sequence[Row], client: ApiClient) -> tuple[BulkResult, dict[str, str]]:
    """Rows of `{url, events, secret}`, by URL, of this client alone; and the secrets made here, by URL.

    A secret that was made is shown this once. No events: the endpoint hears of nothing any more.
    """
    result, made = BulkResult(), {}
    found = WebhookEndpoint.objects.filter(client=client, url__in=[row["url"] for row in rows])
    known = {endpoint.url: endpoint for endpoint in found.order_by("pk").select_for_update(of=("self",))}
    new: list[WebhookEndpoint] = []
    changed: list[WebhookEndpoint] = []
    start = latest_position()
    for row in rows:
        refusal = _refusal(row, is_new=row["url"] not in known)
        if refusal is not None:
            result.refuse(row.index, "unknown_event" if refusal.startswith("events") else "invalid", refusal)
            continue
        endpoint = known.get(row["url"]) or WebhookEndpoint(client=client, url=row["url"], xid=start.xid, row=start.row)
        before = (endpoint.events, endpoint.secret)
        endpoint.events = sorted(set(row["events"])) if row.get("events") is not None else endpoint.events
        endpoint.secret = row.get("secret") or endpoint.secret
        if not endpoint.secret:
            endpoint.secret = made[endpoint.url] = new_secret()
        if endpoint.pk is None:
            new.append(endpoint)
        elif before != (endpoint.events, endpoint.secret):
            changed.append(endpoint)
        else:
            result.unchanged += 1
    WebhookEndpoint.objects.bulk_create(new)
    WebhookEndpoint.objects.bulk_update(changed, ["events", "secret"])
    result.created, result.updated = len(new), len(changed)
    subjects = [(f"webhook_endpoint:{each.pk}", {"events": each.events}) for each in (*new, *changed)]
    record_audits("webhook_endpoint.saved", subjects)
    return result, made


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _refusal(row: Row, *, is_new: bool) -> str | None:
    events = row.get("events")
    if events is None and is_new:
        return gettext_noop("events: This field is required.")
    unknown = sorted(set(events or ()) - set(WebhookEvent.values))
    if unknown:
        return f"events: {unknown[0]} is not told; these are: {', '.join(WebhookEvent.values)}."
    try:
        check_form(row["url"])
    except Invalid as error:
        return str(error)
    try:
        Webhook(row.get("secret") or "whsec_AAAA")
    except (ValueError, EmptyWebhookSecretError):
        return gettext_noop("secret: whsec_ and 24 to 64 bytes in base64.")
    return None
