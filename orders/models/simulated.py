"""The books of the simulated payment gateway, as a real one keeps them on its own side."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock


class SimulatedTransaction(models.Model):
    """One request the simulated gateway received, once per key.

    `truth` is what happened to the money, `answer` what the caller was told: they differ where an
    answer got lost on the way. Holds amounts by the gateway's own rules and knows no order.
    """

    class Truth(models.TextChoices):
        SUCCEEDED = "succeeded", _("succeeded")
        REFUSED = "refused", _("refused")
        PENDING = "pending", _("pending")

    class Told(models.TextChoices):
        TRUTH = "truth", _("the truth")
        UNKNOWN = "unknown", _("unknown")
        NOTHING = "nothing", _("nothing")

    key = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=12)
    authorisation = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by"
    )
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=40, blank=True)
    token = models.CharField(max_length=200, blank=True)
    truth = models.CharField(max_length=12, choices=Truth)
    answer = models.CharField(max_length=12, choices=Told)
    failure = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("simulated transaction")
        verbose_name_plural = _("simulated transactions")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="simulated_transaction_amount_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"

    @property
    def reference(self) -> str:
        return f"SIM{self.pk}"
