"""What the customer was promised first, and each day that was told instead."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from orders.models.orders import Order
from orders.states import RepromiseReason

# A day that moved more often is not told again: a person looks at the order.
MOST_NEW_DAYS = 3


class RepromiseQuerySet(models.QuerySet["Repromise"]):
    def of_moved_too_often(self) -> models.QuerySet[Any, Any]:
        """The ids of orders that are given no new day any more. The parts that moved in one look have moved once."""
        times = self.order_by().values("order_id").annotate(times=Count("at", distinct=True))
        return times.filter(times__gte=MOST_NEW_DAYS).values("order_id")


class Repromise(models.Model):
    """A new day for what an order was told for a day that can no longer be kept. Written once, never changed."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="repromises", db_index=False)
    previous_on = models.DateField()
    expected_on = models.DateField()
    reason = models.CharField(max_length=20, choices=RepromiseReason)
    at = models.DateTimeField(default=clock.now)

    objects = RepromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("new promise")
        verbose_name_plural = _("new promises")
        ordering = ["id"]
        indexes = [models.Index(fields=["order"], name="repromise_by_order")]
        constraints = [
            models.CheckConstraint(condition=Q(expected_on__gt=F("previous_on")), name="repromise_is_later"),
        ]

    def __str__(self) -> str:
        return f"{self.previous_on} → {self.expected_on}"
