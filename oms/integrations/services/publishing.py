"""What endpoints are to hear becomes messages, in the transaction that says so."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from oms.core.access import access_of
from oms.core.models.clients import Scope
from oms.integrations.models import WebhookEndpoint, WebhookEvent, WebhookMessage
from orders.models import Order
from stock.models import SalesChannel, Transfer, Variant
from stock.queries.changes import Position, changes_after

# Followers are far behind after a large import: each round tells them so many pages of the feed at once.
PAGES_AT_ONCE: Final = 20
SKUS_PER_MESSAGE: Final = 500


def publish_availability() -> int:
    """Tell every endpoint which articles' availability may have changed since it last heard; how many messages.

    Each article once, however often it changed, in messages of at most `SKUS_PER_MESSAGE` of them for each channel
    its client sees: `{"channel", "skus"}`. What is available is asked of `GET /availability/`, so a message that
    comes late or twice is never wrong.
    """
    following = WebhookEndpoint.objects.filter(
        is_active=True, events__contains=[WebhookEvent.AVAILABILITY_CHANGED], client__is_active=True
    )
    return sum(_follow(pk) for pk in following.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _follow(endpoint_id: int) -> int:
    locked = WebhookEndpoint.objects.select_for_update(of=("self",), skip_locked=True)
    endpoint = locked.select_related("client").filter(pk=endpoint_id).first()
    if endpoint is None:
        return 0
    position, changed = _changed_since(Position(endpoint.xid, endpoint.row))
    if not changed:
        return 0
    endpoint.xid, endpoint.row = position.xid, position.row
    endpoint.save(update_fields=["xid", "row"])
    return _write(endpoint, changed)


def _changed_since(position: Position) -> tuple[Position, list[int]]:
    """Where a round ends, and the variants that changed until there, in that order."""
    changed: dict[int, None] = {}
    for _ in range(PAGES_AT_ONCE):
        page = changes_after(position)
        position = page.position
        changed |= dict.fromkeys(page.variant_ids)
        if not page.has_more:
            break
    return position, list(changed)


def _write(endpoint: WebhookEndpoint, variant_ids: list[int]) -> int:
    skus = dict(Variant.objects.filter(pk__in=variant_ids).values_list("pk", "sku"))
    told = [skus[variant] for variant in variant_ids if variant in skus]
    channels = SalesChannel.objects.visible_to(access_of(endpoint.client)).order_by("code")
    messages = [
        WebhookMessage(
            endpoint=endpoint,
            event=WebhookEvent.AVAILABILITY_CHANGED,
            data={"channel": code, "skus": told[first : first + SKUS_PER_MESSAGE]},
        )
        for code in channels.values_list("code", flat=True)
        for first in range(0, len(told), SKUS_PER_MESSAGE)
    ]
    WebhookMessage.objects.bulk_create(messages)
    return len(messages)


def publish_of_order(*, event: str, order_id: int) -> int:
    """`{"order": number, "channel": code}` to every endpoint whose client sees the order; how many messages."""
    endpoints = _listening(event)
    if not endpoints:
        return 0
    order = Order.objects.select_related("channel").get(pk=order_id)
    messages = [
        WebhookMessage(endpoint=endpoint, event=event, data={"order": order.number, "channel": order.channel.code})
        for endpoint in endpoints
        if Order.objects.visible_to(access_of(endpoint.client)).filter(pk=order_id).exists()
    ]
    WebhookMessage.objects.bulk_create(messages)
    return len(messages)


def publish_of_transfer(*, event: str, transfer_id: int) -> int:
    """`{"transfer": reference, "giver": code, "receiver": code}` to every endpoint whose client may ask for it.

    How many messages.
    """
    endpoints = [each for each in _listening(event) if each.client.has_scope(Scope.STOCK_READ)]
    if not endpoints:
        return 0
    transfer = Transfer.objects.select_related("giver", "receiver").get(pk=transfer_id)
    data = {"transfer": transfer.reference, "giver": transfer.giver.code, "receiver": transfer.receiver.code}
    messages = [
        WebhookMessage(endpoint=endpoint, event=event, data=data)
        for endpoint in endpoints
        if Transfer.objects.visible_to(access_of(endpoint.client)).filter(pk=transfer_id).exists()
    ]
    WebhookMessage.objects.bulk_create(messages)
    return len(messages)


def _listening(event: str) -> list[WebhookEndpoint]:
    listening = WebhookEndpoint.objects.filter(is_active=True, events__contains=[event], client__is_active=True)
    return list(listening.select_related("client").order_by("pk"))
