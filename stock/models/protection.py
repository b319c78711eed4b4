"""What is kept back from sale."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access
from stock.models.catalogue import Product, Variant
from stock.models.changes import Xid8Field
from stock.models.channels import SalesChannel
from stock.models.stock_points import StockPoint, StockPointGroup, StockPointKind


class Scope(models.Model):
    """Which levels are meant; an empty part means all. At most one of each of the two families is given."""

    stock_point = models.ForeignKey(
        StockPoint, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    group = models.ForeignKey(
        StockPointGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=20, choices=StockPointKind, blank=True)
    variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    category = models.CharField(max_length=100, blank=True)

    class Meta:
        abstract = True


class ProtectionRuleQuerySet(models.QuerySet["ProtectionRule"]):
    def visible_to(self, access: Access) -> Self:
        """Those for all channels, and those for the channels the access covers."""
        if access.channels is None:
            return self
        return self.filter(Q(channel=None) | Q(channel__in=access.channels))

    def in_force(self, *, at: datetime) -> Self:
        return self.filter(
            Q(starts_at__isnull=True) | Q(starts_at__lte=at),
            Q(ends_at__isnull=True) | Q(ends_at__gt=at),
        )


class ProtectionRule(Scope):
    """Units, or a share of what is on hand, not to be sold from each level it covers.

    The most specific rule of a level wins (variant, product, category; then stock point, group,
    kind; then channel); between equals the larger quantity.
    """

    code = models.CharField(max_length=64)
    quantity = models.PositiveIntegerField(null=True, blank=True, help_text=_("Units per level."))
    percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True, help_text=_("Of what is on hand, rounded up.")
    )
    channel = models.ForeignKey(
        SalesChannel, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    is_applied = models.BooleanField(
        default=False, editable=False, help_text=_("Whether the levels were last told of it as in force.")
    )

    objects = ProtectionRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("protection rule")
        verbose_name_plural = _("protection rules")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="stock_protectionrule_code_unique"),
            models.CheckConstraint(
                condition=Q(quantity__isnull=False, percent__isnull=True)
                | Q(quantity__isnull=True, percent__isnull=False, percent__range=(0, 100)),
                name="stock_protectionrule_units_or_percent",
                violation_error_message=_("Give either units or a percentage from 0 to 100."),
            ),
            models.CheckConstraint(
                condition=Q(group__isnull=True, kind="")
                | Q(stock_point__isnull=True, kind="")
                | Q(stock_point__isnull=True, group__isnull=True),
                name="stock_protectionrule_one_place",
                violation_error_message=_("Choose one stock point, one group or one kind."),
            ),
            models.CheckConstraint(
                condition=Q(product__isnull=True, category="")
                | Q(variant__isnull=True, category="")
                | Q(variant__isnull=True, product__isnull=True),
                name="stock_protectionrule_one_article",
                violation_error_message=_("Choose one variant, product or category."),
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="stock_protectionrule_ends_after_start",
                violation_error_message=_("A rule ends after it has started."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PendingProtection(Scope):
    """Levels whose protection has to be worked out again, in steps that each commit.

    Each scope is walked twice, the second time when every transaction of the first walk's time has
    ended: a level created meanwhile by one of them was invisible the first time. Once is enough where
    all that ran when it was queued had ended before.
    """

    next_level_id = models.BigIntegerField(default=0)
    walked_at = Xid8Field(null=True, help_text=_("The transaction that ended the first walk."))
    is_only_walk = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("protection to apply")
        verbose_name_plural = _("protections to apply")
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.pk)
