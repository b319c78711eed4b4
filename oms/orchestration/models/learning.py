"""How long things take, as learned from recorded outcomes, with the evidence; and who lets it be used."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access, limited
from oms.sourcing.calendars import BAND_HOURS, BANDS


class Load(models.IntegerChoices):
    """How much work was under way at a stock point when an order came, beside what it usually has."""

    QUIET = 0, _("quiet")
    USUAL = 1, _("usual")
    BUSY = 2, _("busy")


class LearningPolicyQuerySet(models.QuerySet["LearningPolicy"]):
    def visible_to(self, access: Access) -> Self:
        """It speaks of the whole network: who is bound to a part of it sees none."""
        return self if access.is_unlimited else self.none()


class LearningPolicy(models.Model):
    """One row: what is learned with, what is believed, and whether it is used at all."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    is_on = models.BooleanField(
        _("learned times are used"), default=True, help_text=_("Off: every promise uses the configured times.")
    )
    confidence = models.DecimalField(
        _("confidence"),
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.9"),
        validators=[MinValueValidator(Decimal("0.5")), MaxValueValidator(Decimal("0.999"))],
        help_text=_("The share of cases that are to be over within the learned time."),
    )
    half_life_days = models.PositiveSmallIntegerField(
        _("half-life in days"),
        default=60,
        validators=[MinValueValidator(1)],
        help_text=_("After so many days a case weighs half."),
    )
    least_cases = models.PositiveSmallIntegerField(
        _("least evidence"),
        default=20,
        validators=[MinValueValidator(1)],
        help_text=_("With fewer cases, weighed by their age, the configured time is used."),
    )
    least_percent = models.PositiveSmallIntegerField(
        _("never below (%)"), default=25, help_text=_("Of the configured time.")
    )
    most_percent = models.PositiveSmallIntegerField(
        _("never above (%)"),
        default=400,
        help_text=_("Of the configured time, and a working day of preparation or five days of transit on top."),
    )
    stock_points = models.ManyToManyField(
        "stock.StockPoint",
        verbose_name=_("stock points that keep their configured times"),
        blank=True,
        related_name="+",
    )

    objects = LearningPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("learning of times")
        verbose_name_plural = _("learning of times")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="orchestration_learning_policy_one_row"),
            models.CheckConstraint(
                condition=Q(confidence__range=(Decimal("0.5"), Decimal("0.999"))),
                name="orchestration_learning_policy_confidence_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(least_percent__lte=100, most_percent__gte=100),
                name="orchestration_learning_policy_bounds_hold_the_configured",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class LearnedPreparationQuerySet(models.QuerySet["LearnedPreparation"]):
    def visible_to(self, access: Access) -> Self:
        return limited(self, access, stock_point="stock_point_id")  # type: ignore[return-value]


class LearnedTransitQuerySet(models.QuerySet["LearnedTransit"]):
    def visible_to(self, access: Access) -> Self:
        """Services belong to the whole retailer: who is bound to a part of it sees none."""
        return self if access.is_unlimited else self.none()


class LearnedPreparation(models.Model):
    """Minutes of opening time in which a stock point prepares an order, at the policy's confidence.

    `band` and `load` null: at every hour, at every load. `evidence` counts `cases` by their age.
    """

    stock_point = models.ForeignKey(
        "stock.StockPoint", verbose_name=_("stock point"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    band = models.PositiveSmallIntegerField(_("ordered at"), null=True)
    load = models.PositiveSmallIntegerField(_("load"), null=True, choices=Load)
    minutes = models.PositiveIntegerField(_("learned minutes"))
    spread = ArrayField(models.PositiveIntegerField(), verbose_name=_("minutes by share of cases"), default=list)
    cases = models.PositiveIntegerField(_("cases"))
    evidence = models.FloatField(_("evidence"))
    refreshed_at = models.DateTimeField(_("refreshed at"))

    objects = LearnedPreparationQuerySet.as_manager()

    class Meta:
        verbose_name = _("learned preparation time")
        verbose_name_plural = _("learned preparation times")
        ordering = ["stock_point__code", "band", "load"]
        constraints = [
            models.UniqueConstraint(
                fields=["stock_point", "band", "load"],
                nulls_distinct=False,
                name="orchestration_learned_preparation_once",
            ),
            models.CheckConstraint(
                condition=Q(band__isnull=True, load__isnull=True) | Q(band__lt=BANDS),
                name="orchestration_learned_preparation_load_of_an_hour",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stock_point_id} {self.hours}"

    @property
    def hours(self) -> str:
        if self.band is None:
            return ""
        return f"{self.band * BAND_HOURS:02d}:00-{(self.band + 1) * BAND_HOURS:02d}:00"


class LearnedTransit(models.Model):
    """Working days of a service from the hand-over to the delivery in one of its zones, at the policy's
    confidence; without a stock point, from wherever it collects."""

    service = models.CharField(_("service"), max_length=60)
    zone = models.CharField(_("zone"), max_length=60)
    stock_point = models.ForeignKey(
        "stock.StockPoint",
        verbose_name=_("stock point"),
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    days = models.PositiveSmallIntegerField(_("learned days"))
    spread = ArrayField(models.PositiveIntegerField(), verbose_name=_("days by share of cases"), default=list)
    cases = models.PositiveIntegerField(_("cases"))
    evidence = models.FloatField(_("evidence"))
    refreshed_at = models.DateTimeField(_("refreshed at"))

    objects = LearnedTransitQuerySet.as_manager()

    class Meta:
        verbose_name = _("learned transit time")
        verbose_name_plural = _("learned transit times")
        ordering = ["service", "zone", "stock_point__code"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "zone", "stock_point"],
                nulls_distinct=False,
                name="orchestration_learned_transit_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.zone}"


class PointLoad(models.Model):
    """How much work is under way at a stock point, and how that compares with what it usually has."""

    stock_point = models.OneToOneField(
        "stock.StockPoint", verbose_name=_("stock point"), on_delete=models.CASCADE, related_name="+"
    )
    usual = models.FloatField(_("works usually under way"))
    load = models.PositiveSmallIntegerField(_("load"), choices=Load, default=Load.USUAL)

    class Meta:
        verbose_name = _("load of a stock point")
        verbose_name_plural = _("loads of stock points")

    def __str__(self) -> str:
        return f"{self.stock_point_id}"
