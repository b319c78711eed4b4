from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One fact about who did what. Never changed nor deleted: a trigger refuses it.

    Written unsealed; `seal_audit` later gives the committed entries their place in the chain and
    `hash` = sha256(hash of the place before, this entry), once.
    """

    at = models.DateTimeField(_("at"))
    actor = models.CharField(_("actor"), max_length=150)
    action = models.CharField(_("action"), max_length=100)
    subject = models.CharField(_("subject"), max_length=150)
    changes = models.JSONField(_("changes"), default=dict, encoder=DjangoJSONEncoder)
    position = models.BigIntegerField(_("position"), null=True, editable=False)
    hash = models.BinaryField(null=True, editable=False)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        constraints = [
            models.UniqueConstraint(fields=["position"], name="core_auditentry_position_unique"),
            models.CheckConstraint(
                condition=Q(position__isnull=True, hash__isnull=True) | Q(position__isnull=False, hash__isnull=False),
                name="core_auditentry_sealed_wholly",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "id"], name="core_auditentry_by_subject"),
            models.Index(fields=["id"], condition=Q(position=None), name="core_auditentry_unsealed"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class AuditHead(models.Model):
    """The last place of the chain, so that entries cut off its end are missed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=0)
    hash = models.BinaryField(default=bytes)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="core_audithead_only_one")]
