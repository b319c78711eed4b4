"""Milestones that are about to pass, or have passed: who is told, when, and how it ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access
from orders.models.fulfilments import Fulfilment
from orders.models.orders import Order
from orders.states import AlertOutcome, AlertStage, Audience, FulfilmentState, Milestone

_DUE = {
    Milestone.CONFIRM: "order__confirm_by",
    Milestone.RELEASE: "order__release_by",
    Milestone.ACCEPT: "fulfilment__begin_by",
    Milestone.HAND_OVER: "fulfilment__due_at",
}
_TO_BE_PREPARED = (FulfilmentState.ACCEPTED, FulfilmentState.PICKING, FulfilmentState.PACKED)


class PromiseAlertQuerySet(models.QuerySet["PromiseAlert"]):
    def visible_to(self, access: Access) -> Self:
        """Those of a principal's own stock points; what is nobody's work yet is the network's to see."""
        alerts = self
        if access.stock_points is not None:
            alerts = alerts.filter(stock_point_id__in=access.stock_points)
        if access.channels is not None:
            alerts = alerts.filter(order__channel_id__in=access.channels)
        return alerts

    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)

    def standing(self) -> Self:
        """Open, and true at this moment: a step just taken, or one that a new promise moved, is no alert, even before
        the next look closes it."""
        at = {milestone: Q(milestone=milestone, due_at=F(column)) for milestone, column in _DUE.items()}
        accept = at[Milestone.ACCEPT] & Q(fulfilment__state=FulfilmentState.OFFERED)
        hand_over = at[Milestone.HAND_OVER] & Q(fulfilment__state__in=_TO_BE_PREPARED)
        of_order = Q(fulfilment__isnull=True) & (at[Milestone.CONFIRM] | at[Milestone.RELEASE])
        return self.open().filter(of_order | accept | hand_over)

    def late(self) -> Self:
        return self.standing().filter(due_at__lt=clock.now())


class PromiseAlert(models.Model):
    """One telling of one audience about one milestone: before it (`approaching`), or after it.

    Without a fulfilment it is about the order: it waits for its confirmation, or for a stock point.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="alerts")
    fulfilment = models.ForeignKey(
        Fulfilment, null=True, blank=True, on_delete=models.PROTECT, related_name="alerts", db_index=False
    )
    stock_point = models.ForeignKey(
        "stock.StockPoint", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    milestone = models.CharField(max_length=20, choices=Milestone)
    due_at = models.DateTimeField(help_text=_("The milestone as it stood: a later promise has later ones."))
    stage = models.CharField(max_length=20, choices=AlertStage)
    audience = models.CharField(max_length=20, choices=Audience)
    raised_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=AlertOutcome, blank=True)

    objects = PromiseAlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise alert")
        verbose_name_plural = _("promise alerts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["fulfilment", "milestone", "stage", "due_at"],
                condition=Q(fulfilment__isnull=False),
                name="promise_alert_once_per_work_milestone_and_stage",
            ),
            models.UniqueConstraint(
                fields=["order", "milestone", "stage", "due_at"],
                condition=Q(fulfilment__isnull=True),
                name="promise_alert_once_per_order_milestone_and_stage",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | Q(closed_at__isnull=False) & ~Q(outcome=""),
                name="promise_alert_closed_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(fulfilment__isnull=True, stock_point__isnull=True)
                | Q(fulfilment__isnull=False, stock_point__isnull=False),
                name="promise_alert_of_a_work_names_its_stock_point",
            ),
        ]
        indexes = [
            models.Index(
                fields=["stock_point", "audience", "due_at"],
                name="promise_alert_open_at",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index(fields=["audience", "id"], name="promise_alert_open", condition=Q(closed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.get_milestone_display()}"

    @property
    def left(self) -> timedelta:
        """Until it is due, below zero once it is late."""
        return self.due_at - clock.now()

    @property
    def late_by(self) -> timedelta | None:
        return -self.left if self.left < timedelta(0) else None
