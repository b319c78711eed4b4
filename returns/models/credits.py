"""The books of the exchange gateway: what returned goods are worth pays for their replacement."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from returns.models.returns import Return


class CreditEntry(models.Model):
    """One request put to the exchange gateway, as it was answered. Written once, never changed."""

    class Kind(models.TextChoices):
        AUTHORISE = "authorise", _("Authorise")
        CAPTURE = "capture", _("Capture")
        VOID = "void", _("Void")
        REFUND = "refund", _("Refund")

    returned = models.ForeignKey(
        Return, null=True, on_delete=models.PROTECT, related_name="credit_entries", verbose_name=_("return")
    )
    key = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    authorisation = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="followed_by")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    is_granted = models.BooleanField()
    failure = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("credit entry")
        verbose_name_plural = _("credit entries")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="return_credit_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(returned__isnull=False) | Q(is_granted=False), name="return_credit_granted_of_a_return"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"

    @property
    def reference(self) -> str:
        return f"CR{self.pk}"
