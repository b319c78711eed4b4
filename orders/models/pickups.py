"""Goods waiting for their customer in a store."""

from __future__ import annotations

from django.db import models
from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from orders.models.fulfilments import Fulfilment


class IdentityCheck(TextChoices):
    """How it was made sure that the right person collects. Never a copy of anything."""

    CODE = "code", _("Pickup code")
    DOCUMENT = "document", _("Identity document shown")
    KNOWN = "known", _("Known in this shop")


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
    identity_check = models.CharField(max_length=12, choices=IdentityCheck, blank=True)
    is_by_proxy = models.BooleanField(default=False, help_text=_("Somebody else came for the customer."))

    class Meta:
        verbose_name = _("pickup")
        verbose_name_plural = _("pickups")
        constraints = [
            models.CheckConstraint(condition=Q(failed_tries__lte=5), name="pickup_five_tries"),
        ]

    def __str__(self) -> str:
        return f"C{self.pk}"
