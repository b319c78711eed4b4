from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from oms.core.models.clients import ApiClient


class IdempotencyRecord(models.Model):
    """One idempotency key of one client: leased while its request runs, then holding the answer."""

    client = models.ForeignKey(ApiClient, models.CASCADE, db_index=False, verbose_name=_("client"))
    key = models.CharField(_("key"), max_length=255)
    request_hash = models.CharField(max_length=64)
    lease_token = models.UUIDField()
    leased_until = models.DateTimeField(_("leased until"))
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    content_type = models.CharField(max_length=100, blank=True, default="")
    body = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="core_idempotencyrecord_key_unique"),
            models.CheckConstraint(
                condition=Q(status__isnull=True, body__isnull=True) | Q(status__isnull=False, body__isnull=False),
                name="core_idempotencyrecord_answered_wholly",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="core_idempotencyrecord_by_age")]

    def __str__(self) -> str:
        return self.key
