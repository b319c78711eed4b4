"""The PIN by which a manager stands for a blind return on somebody else's tablet."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock

MOST_TRIES = 5


class ManagerPin(models.Model):
    """Only its hash is kept. After five wrong tries it is locked until its owner sets another."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="return_pin")
    pin_hash = models.CharField(max_length=128, editable=False)
    failed_tries = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("manager's PIN")
        verbose_name_plural = _("managers' PINs")
        constraints = [
            models.CheckConstraint(condition=Q(failed_tries__lte=MOST_TRIES), name="manager_pin_five_tries"),
        ]

    def __str__(self) -> str:
        return str(self.user)
