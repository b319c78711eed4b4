"""The label a customer sends his goods back with."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from returns.models.returns import Return


class ReturnLabel(models.Model):
    """Its key is stored before it is bought, so that a retry never buys twice. Without a PDF it is being made."""

    returned = models.OneToOneField(Return, on_delete=models.PROTECT, related_name="label", verbose_name=_("return"))
    carrier = models.CharField(max_length=40, default="house")
    service = models.CharField(max_length=60, default="house")
    weight_g = models.PositiveIntegerField()
    label_key = models.UUIDField(unique=True)
    tracking_number = models.CharField(max_length=60, null=True, blank=True, unique=True)
    pdf = models.BinaryField(null=True)
    zpl = models.TextField(blank=True)
    error = models.CharField(max_length=200, blank=True, help_text=_("Why the carrier refused it."))
    created_at = models.DateTimeField(default=clock.now)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("return label")
        verbose_name_plural = _("return labels")

    def __str__(self) -> str:
        return self.tracking_number or f"RL{self.pk}"
