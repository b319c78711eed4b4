"""Programs that are told when something happened, and what they were told."""

from __future__ import annotations

from typing import Self
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.legal_moves import LegalMoves
from oms.core.models import ApiClient
from oms.integrations.states import WEBHOOK_MESSAGE_MOVES, WebhookMessageState


class WebhookEvent(models.TextChoices):
    """What can be heard of. Messages are thin: they name what changed, and the API says how it is now."""

    AVAILABILITY_CHANGED = "availability.changed", _("availability changed")
    ORDER_PLACED = "order.placed", _("order placed")
    ORDER_CANCELLED = "order.cancelled", _("order cancelled")
    PARCEL_HANDED_OVER = "parcel.handed_over", _("parcel handed over")
    FULFILMENT_COLLECTED = "fulfilment.collected", _("fulfilment collected")
    TRANSFER_ACCEPTED = "transfer.accepted", _("transfer accepted")
    TRANSFER_CANCELLED = "transfer.cancelled", _("transfer cancelled")
    TRANSFER_SHIPPED = "transfer.shipped", _("transfer sent")
    TRANSFER_RECEIVED = "transfer.received", _("transfer received")


class WebhookEndpoint(models.Model):
    """An address of an API client. It hears of what the client's key may see.

    `xid` and `row` say how far it has followed the feed of changes: what it has heard of is never lost.
    """

    client = models.ForeignKey(
        ApiClient, verbose_name=_("API client"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    url = models.URLField(_("URL"), max_length=500)
    events = ArrayField(models.CharField(max_length=60, choices=WebhookEvent), verbose_name=_("events"), default=list)
    secret = models.CharField(max_length=200, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    xid = models.BigIntegerField(default=0, editable=False)
    row = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "url"], name="integrations_webhookendpoint_once_per_client"),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookMessageQuerySet(models.QuerySet["WebhookMessage"]):
    def dead(self) -> Self:
        return self.filter(state=WebhookMessageState.DEAD)


class WebhookMessage(models.Model):
    """One message on its way to one endpoint, under one id however often it is sent."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    endpoint = models.ForeignKey(
        WebhookEndpoint, verbose_name=_("endpoint"), on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    event = models.CharField(_("event"), max_length=60, choices=WebhookEvent)
    data = models.JSONField(_("data"))
    state = models.CharField(
        _("state"), max_length=10, choices=WebhookMessageState, default=WebhookMessageState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=clock.now)
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    objects = WebhookMessageQuerySet.as_manager()
    moves = WEBHOOK_MESSAGE_MOVES

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=WebhookMessageState.values), name="integrations_webhookmessage_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=WebhookMessageState.DELIVERED, delivered_at__isnull=False)
                | (~Q(state=WebhookMessageState.DELIVERED) & Q(delivered_at__isnull=True)),
                name="integrations_webhookmessage_delivered_at_a_moment",
            ),
            LegalMoves(WEBHOOK_MESSAGE_MOVES, name="integrations_webhookmessage_legal_moves"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="integrations_webhook_due",
                condition=Q(state=WebhookMessageState.PENDING),
            ),
            models.Index(fields=["endpoint", "created_at"], name="integrations_webhook_told"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
