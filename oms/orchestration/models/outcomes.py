"""What became of decisions, kept so that estimates can be learned from it."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutcomeKind(models.TextChoices):
    """What a stock point, or the carrier it handed to, did with what it was given."""

    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    EXPIRED = "expired", _("expired")
    PICKED = "picked", _("picked")
    SHORT_PICKED = "short_picked", _("short picked")
    PACKED = "packed", _("packed")
    SHIPPED = "shipped", _("shipped")
    READY_FOR_PICKUP = "ready_for_pickup", _("ready for pickup")
    DELIVERED = "delivered", _("delivered")
    COLLECTED = "collected", _("collected")


class RunOutcome(models.Model):
    """One fact about one order at one stock point; `data` holds references and quantities only.

    Where something ended, `began_at` says when it had begun: packed or ready for pickup, when the stock point
    was given the work; delivered, when the parcel was handed over to `service`, for that `zone` of it.
    """

    reference = models.CharField(_("order"), max_length=64)
    stock_point = models.ForeignKey(
        "stock.StockPoint", verbose_name=_("stock point"), on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=OutcomeKind.choices)
    at = models.DateTimeField(_("at"))
    began_at = models.DateTimeField(_("began at"), null=True)
    service = models.CharField(_("service"), max_length=60, blank=True)
    zone = models.CharField(_("zone"), max_length=60, blank=True)
    data = models.JSONField(_("data"), default=dict)

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "stock_point", "kind", "at"], name="orchestration_run_outcome_recorded_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OutcomeKind.values), name="orchestration_run_outcome_kind_known"
            ),
        ]
        indexes = [
            models.Index(fields=["stock_point", "kind", "at"], name="run_outcome_by_stock_point"),
            BrinIndex(fields=["at"], name="run_outcome_at"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.get_kind_display()}"
