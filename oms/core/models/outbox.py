from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from oms.core.delivery_states import DELIVERY_MOVES, DeliveryState
from oms.core.legal_moves import LegalMoves


class OutboxEvent(models.Model):
    """Something that happened, written by the transaction that made it happen."""

    name = models.CharField(_("name"), max_length=100)
    payload = models.JSONField(_("payload"))
    created_at = models.DateTimeField(_("created at"))
    relayed_at = models.DateTimeField(_("relayed at"), null=True, editable=False)
    fan_out = models.PositiveSmallIntegerField(_("deliveries"), default=0, editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["id"], condition=Q(relayed_at=None), name="core_outboxevent_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class DeliveryQuerySet(models.QuerySet["EventDelivery"]):
    def pending(self) -> "DeliveryQuerySet":
        return self.filter(state=DeliveryState.PENDING)

    def dead(self) -> "DeliveryQuerySet":
        return self.filter(state=DeliveryState.DEAD)


class EventDelivery(models.Model):
    """One event on its way to one task. Its row is the lock and the memory that make the effect happen once.

    `next_attempt_at` is when the relay sends it (again) unless it is done by then; `attempts` counts
    failures towards the dead letters, `sends` every message sent. All times are the database's.
    """

    event = models.ForeignKey(
        OutboxEvent, models.CASCADE, related_name="deliveries", db_index=False, verbose_name=_("event")
    )
    subscription = models.CharField(_("subscription"), max_length=200)
    state = models.CharField(
        _("state"), max_length=20, choices=DeliveryState.choices, default=DeliveryState.PENDING, db_default="pending"
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, db_default=0)
    sends = models.PositiveSmallIntegerField(_("sends"), default=0, db_default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), db_default=Now())
    leased_until = models.DateTimeField(_("leased until"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    last_error = models.TextField(_("last error"), blank=True, default="", db_default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["event", "subscription"], name="core_eventdelivery_once_per_subscription"),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at__isnull=True)),
                name="core_eventdelivery_done_has_its_time",
            ),
            LegalMoves(DELIVERY_MOVES, name="core_eventdelivery_legal_moves"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="pending"), name="core_eventdelivery_due"),
            models.Index(fields=["id"], condition=Q(state="dead"), name="core_eventdelivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription} #{self.pk}"
