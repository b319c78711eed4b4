"""Goods waiting for their customer in a store."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from orders.models.fulfilments import Fulfilment


class Pickup(models.Model):
    """The right to collect a fulfilment, with a six-digit code and five tries.

    The code is never stored: it is a keyed hash of `nonce` (HMAC with the secret key), so a copy of the
    database does not tell it, while the customer can be shown it again.
    """

    fulfilment = models.OneToOneField(Fulfilment, on_delete=models.PROTECT, related_name="pickup")
    nonce = models.CharField(max_length=32, editable=False)
    failed_tries = models.PositiveSmallIntegerField(default=0)
    ready_at = models.DateTimeField(default=clock.now)
    expires_on = models.DateField(null=True, blank=True)
    collected_at = models.DateTimeField(null=True, blank=True)
    collected_by = models.CharField(max_length=80, blank=True, help_text=_("Who handed it over."))

    class Meta:
        verbose_name = _("pickup")
        verbose_name_plural = _("pickups")
        constraints = [
            models.CheckConstraint(condition=Q(failed_tries__lte=5), name="pickup_five_tries"),
        ]

    def __str__(self) -> str:
        return f"C{self.pk}"
