"""How much of an article a sales channel may take: a ceiling, never a ring-fence."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access, limited
from oms.core.amounts import grouped, share
from stock.models.catalogue import Variant
from stock.models.channels import SalesChannel


class ChannelAllotmentQuerySet(models.QuerySet["ChannelAllotment"]):
    def visible_to(self, access: Access) -> Self:
        return limited(self, access, channel="channel_id")  # type: ignore[return-value]

    def in_force(self, *, at: datetime) -> Self:
        return self.filter(
            Q(starts_at__isnull=True) | Q(starts_at__lte=at),
            Q(ends_at__isnull=True) | Q(ends_at__gt=at),
        )


class ChannelAllotment(models.Model):
    """For each article it covers: units the channel may take since its start, or a share of all there is.

    One for the article itself goes before one for its category.
    """

    channel = models.ForeignKey(
        SalesChannel, verbose_name=_("sales channel"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    variant = models.ForeignKey(
        Variant,
        verbose_name=_("variant"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    category = models.CharField(_("category"), max_length=100, blank=True)
    quantity = models.PositiveIntegerField(
        _("quantity"), null=True, blank=True, help_text=_("Units of each article that may be taken since its start.")
    )
    percent = models.DecimalField(
        _("percent"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Of what is available and reserved of each article, rounded down."),
    )
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    is_applied = models.BooleanField(
        default=False, editable=False, help_text=_("Whether followers were last told of it as in force.")
    )

    objects = ChannelAllotmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel allotment")
        verbose_name_plural = _("channel allotments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "variant", "category"],
                nulls_distinct=False,
                name="stock_channelallotment_once_per_article",
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=False, percent__isnull=True)
                | Q(quantity__isnull=True, percent__isnull=False, percent__range=(0, 100)),
                name="stock_channelallotment_units_or_percent",
                violation_error_message=_("Give either units or a percentage from 0 to 100."),
            ),
            models.CheckConstraint(
                condition=Q(variant__isnull=False, category="") | (Q(variant__isnull=True) & ~Q(category="")),
                name="stock_channelallotment_one_article",
                violation_error_message=_("Choose one variant or one category."),
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="stock_channelallotment_ends_after_start",
                violation_error_message=_("An allotment ends after it has started."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel.code}: {self.variant.sku if self.variant else self.category}"

    @property
    def ceiling(self) -> str:
        """`40` units, or `12.5%`."""
        return str(grouped(self.quantity)) if self.percent is None else share(self.percent)


class AllotmentCounter(models.Model):
    """What a channel has taken of one article since an allotment's start; its lock is taken before any level's."""

    allotment = models.ForeignKey(ChannelAllotment, on_delete=models.CASCADE, related_name="counters", db_index=False)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+", db_index=False)
    taken = models.IntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("allotment counter")
        verbose_name_plural = _("allotment counters")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["allotment", "variant"], name="stock_allotmentcounter_once_per_article"),
        ]

    def __str__(self) -> str:
        return str(self.taken)
