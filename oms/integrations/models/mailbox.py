"""Mails that were kept instead of sent, where no mail server is configured."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from oms.core import clock


class KeptMail(models.Model):
    """One mail as it would have gone out, whole; the columns are for the list."""

    sent_at = models.DateTimeField(_("sent at"), default=clock.now)
    sender = models.CharField(_("sender"), max_length=320)
    recipients = ArrayField(models.CharField(max_length=320), verbose_name=_("recipients"))
    subject = models.CharField(_("subject"), max_length=400)
    raw = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("kept mail")
        verbose_name_plural = _("kept mails")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.subject
