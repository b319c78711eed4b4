"""The record of decisions: what was decided, by which rules, from which facts."""

from typing import Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access
from oms.orchestration.states import RunResult


class FactBlob(models.Model):
    """Compressed content that many runs share (a network, a rule set), found by its own hash."""

    hash = models.UUIDField(_("hash"), primary_key=True, editable=False)
    content = models.BinaryField(_("content"))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("fact blob")
        verbose_name_plural = _("fact blobs")


class SourcingRunQuerySet(models.QuerySet["SourcingRun"]):
    def visible_to(self, access: Access) -> Self:
        """A run shows the whole network: who is bound to some stock points sees none."""
        if access.stock_points is not None:
            return self.none()
        return self if access.channels is None else self.filter(channel_id__in=access.channels)


class SourcingRun(models.Model):
    """One decision for one order.

    `facts` are this run's own (compressed; `facts_hash` proves them), `network` and `rules` name the
    blobs it shares with others: the engine of `engine_version` makes the identical plan of the three.
    `version` is null where the shipped default decided. `candidates` is the packed explanation.
    """

    reference = models.CharField(_("order"), max_length=64)
    channel = models.ForeignKey(
        "stock.SalesChannel", verbose_name=_("sales channel"), on_delete=models.PROTECT, related_name="+"
    )
    trigger = models.CharField(_("trigger"), max_length=40)
    rule_set_code = models.CharField(_("rule set"), max_length=64)
    version = models.PositiveIntegerField(_("version"), null=True)
    rule = models.CharField(_("rule"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("started at"))
    duration_us = models.PositiveIntegerField(_("duration (µs)"))
    outcome = models.CharField(_("outcome"), max_length=12, choices=RunResult.choices)
    plan = models.JSONField(_("plan"))
    candidates = models.BinaryField(_("candidates"))
    facts = models.BinaryField(_("facts"))
    facts_hash = models.UUIDField(_("hash of the facts"))
    network = models.ForeignKey(
        FactBlob,
        verbose_name=_("network"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    rules = models.ForeignKey(
        FactBlob,
        verbose_name=_("rules"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    engine_version = models.CharField(_("engine version"), max_length=20)

    objects = SourcingRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("sourcing run")
        verbose_name_plural = _("sourcing runs")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=RunResult.values), name="orchestration_sourcing_run_outcome_known"
            ),
        ]
        indexes = [
            models.Index(fields=["reference"], name="sourcing_run_reference"),
            BrinIndex(fields=["started_at"], name="sourcing_run_started_at"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} #{self.pk}"
