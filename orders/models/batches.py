"""What a person asks for many orders at once, with what became of each."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access
from orders.models.orders import Order


class BatchAction(models.TextChoices):
    REROUTE = "reroute", _("Source again")
    ASSIGN = "assign", _("Assign to a stock point")
    HOLD = "hold", _("Hold")
    RELEASE = "release", _("Release")
    CANCEL = "cancel", _("Cancel")


class RowOutcome(models.TextChoices):
    WAITING = "waiting", _("to come")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")


class OrderBatchQuerySet(models.QuerySet["OrderBatch"]):
    def visible_to(self, access: Access) -> Self:
        """Those that touch no order a principal may not see."""
        if access.is_unlimited:
            return self
        hidden = OrderBatchRow.objects.filter(batch=OuterRef("pk")).exclude(order__in=_seen(access))
        return self.exclude(Exists(hidden))

    def counted(self) -> Self:
        """With how many of its rows are `done_count` and `refused_count`."""
        return self.annotate(
            done_count=Count("rows", filter=Q(rows__outcome=RowOutcome.DONE)),
            refused_count=Count("rows", filter=Q(rows__outcome=RowOutcome.REFUSED)),
        )


class OrderBatch(models.Model):
    """One thing asked for every order that matched a filter when it was asked."""

    action = models.CharField(_("action"), max_length=20, choices=BatchAction)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    stock_point = models.ForeignKey(
        "stock.StockPoint",
        verbose_name=_("stock point"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    total = models.PositiveIntegerField(_("orders"), default=0)
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    asked_by = models.CharField(_("asked by"), max_length=128)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = OrderBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk action")
        verbose_name_plural = _("bulk actions")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(action__in=BatchAction.values), name="order_batch_action_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} #{self.pk}"


class OrderBatchRowQuerySet(models.QuerySet["OrderBatchRow"]):
    def visible_to(self, access: Access) -> Self:
        return self if access.is_unlimited else self.filter(order__in=_seen(access))

    def waiting(self) -> Self:
        return self.filter(outcome=RowOutcome.WAITING)

    def taken(self, batch_id: int) -> OrderBatchRow | None:
        """The next that nobody works on, locked at once."""
        rows = self.waiting().filter(batch_id=batch_id).order_by("pk")
        return rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).first()


class OrderBatchRow(models.Model):
    """One order of a batch. `code` and `detail`: why it was refused."""

    batch = models.ForeignKey(OrderBatch, verbose_name=_("bulk action"), on_delete=models.PROTECT, related_name="rows")
    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(_("result"), max_length=10, choices=RowOutcome, default=RowOutcome.WAITING)
    code = models.CharField(_("code"), max_length=60, blank=True)
    detail = models.CharField(_("why"), max_length=300, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    objects = OrderBatchRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("result of a bulk action")
        verbose_name_plural = _("results of bulk actions")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "order"], name="order_batch_row_once_per_order"),
            models.CheckConstraint(condition=Q(outcome__in=RowOutcome.values), name="order_batch_row_outcome_known"),
        ]
        indexes = [
            models.Index(fields=["batch", "id"], condition=Q(outcome="waiting"), name="order_batch_row_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.outcome}"


def _seen(access: Access) -> models.QuerySet[Order]:
    return Order.objects.visible_to(access)
