"""What a protection rule that touches much of the network would take from sale, counted in the background."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock

GIVEN_UP_AFTER: Final = timedelta(minutes=15)


class ProtectionPreview(models.Model):
    """One rule somebody is about to save, and what came of counting it.

    `rule`: its columns, as `stock.services.protection_previewing` writes and reads them. `found`: the fields of
    `stock.queries.protection_preview.HiddenStock`, empty until everything is counted.
    """

    code = models.CharField(_("rule"), max_length=64)
    rule = models.JSONField(_("rule's values"))
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, help_text=_("Per cent."))
    found = models.JSONField(_("what it would take from sale"), null=True, blank=True)
    is_file_wanted = models.BooleanField(_("file wanted"), default=False)
    file = models.FileField(_("file"), upload_to="protection-previews/%Y/%m/", blank=True)
    asked_by = models.CharField(_("asked by"), max_length=150)
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("protection preview")
        verbose_name_plural = _("protection previews")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(progress__lte=100), name="stock_protectionpreview_progress_per_cent"),
            models.CheckConstraint(
                condition=Q(counted_at__isnull=True) | Q(found__isnull=False),
                name="stock_protectionpreview_counted_has_figures",
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], name="stock_protectionpreview_asked")]

    def __str__(self) -> str:
        return f"{self.code} #{self.pk}"

    @property
    def is_awaited(self) -> bool:
        """Something of it is still to come."""
        return self.counted_at is None or (self.is_file_wanted and not self.file)

    @property
    def is_given_up(self) -> bool:
        """So old that no worker will bring it any more."""
        return self.is_awaited and self.asked_at < clock.now() - GIVEN_UP_AFTER
