"""What a customer is told about an order, each thing once."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access
from oms.core.legal_moves import LegalMoves
from oms.integrations.states import NOTIFICATION_MOVES, NotificationState
from orders.models import Order


class NotificationKind(models.TextChoices):
    ORDER_CONFIRMED = "order_confirmed", _("Order confirmed")
    PAYMENT_AWAITED = "payment_awaited", _("Payment awaited")
    PARCEL_SHIPPED = "parcel_shipped", _("Parcel shipped")
    PICKUP_READY = "pickup_ready", _("Ready for pickup")
    PICKUP_EXPIRING = "pickup_expiring", _("Pickup about to expire")
    ORDER_COLLECTED = "order_collected", _("Order collected")
    ORDER_DELAYED = "order_delayed", _("Order delayed")
    ORDER_CANCELLED = "order_cancelled", _("Order cancelled")
    ARTICLES_CANCELLED = "articles_cancelled", _("Articles cancelled")
    ORDER_EXPIRED = "order_expired", _("Not paid in time")
    PAYMENT_RETURNED = "payment_returned", _("Late payment given back")
    REFUND_MADE = "refund_made", _("Refund made")
    RECEIPT = "receipt", _("Receipt")
    RETURN_RECEIVED = "return_received", _("Return received")


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, access: Access) -> Self:
        if access.is_unlimited:
            return self
        return self.filter(order__in=Order.objects.visible_to(access).values("pk"))


class Notification(models.Model):
    """One mail to the customer of an order. `kind` and `subject` are its key: the same news is told once.

    `subject` is what it is about (`order:12`, `parcel:5`). To whom it goes is read from the order when it is
    sent; nothing personal is kept here.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", verbose_name=_("order"))
    kind = models.CharField(_("kind"), max_length=30, choices=NotificationKind)
    subject = models.CharField(_("subject"), max_length=80)
    data = models.JSONField(_("data"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=NotificationState, default=NotificationState.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()
    moves = NOTIFICATION_MOVES

    class Meta:
        verbose_name = _("message to a customer")
        verbose_name_plural = _("messages to customers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], name="integrations_notification_told_once"),
            models.CheckConstraint(
                condition=Q(state__in=NotificationState.values), name="integrations_notification_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=NotificationState.SENT, sent_at__isnull=False)
                | (~Q(state=NotificationState.SENT) & Q(sent_at__isnull=True)),
                name="integrations_notification_sent_at_a_moment",
            ),
            LegalMoves(NOTIFICATION_MOVES, name="integrations_notification_legal_moves"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.order}"
