"""What people have decided about replenishing: for a stock point, a group, a banner or the whole network."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stock.models.banners import Banner
from stock.models.stock_points import StockPoint, StockPointGroup


class ReplenishmentPolicy(models.Model):
    """How long stock is to last, and what may be given away. What is left empty is decided by the next wider one:
    stock point, then group, then banner, then network, then the settings.
    """

    stock_point = models.ForeignKey(
        StockPoint,
        verbose_name=_("stock point"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    group = models.ForeignKey(
        StockPointGroup,
        verbose_name=_("group"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    banner = models.ForeignKey(
        Banner,
        verbose_name=_("banner"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    cover_days = models.PositiveSmallIntegerField(
        _("days of cover wanted"), null=True, blank=True, help_text=_("How long a delivery is to last the store.")
    )
    safety_days = models.PositiveSmallIntegerField(
        _("safety days"),
        null=True,
        blank=True,
        help_text=_("The safety stock lasts at least so many days of demand, whatever chance alone would ask for."),
    )
    keeps = models.PositiveIntegerField(
        _("least to keep"),
        null=True,
        blank=True,
        help_text=_("Units of an article that giving never goes below. A store keeps one to show if nothing is said."),
    )
    sends_at_most = models.PositiveIntegerField(
        _("most to send"), null=True, blank=True, help_text=_("Units of an article that are proposed in one night.")
    )
    gives_returned = models.BooleanField(_("gives what customers brought back"), null=True, blank=True)
    gives_slow = models.BooleanField(_("gives slow stock"), null=True, blank=True)

    class Meta:
        verbose_name = _("replenishment policy")
        verbose_name_plural = _("replenishment policies")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["stock_point", "group", "banner"],
                nulls_distinct=False,
                name="stock_replenishmentpolicy_once_per_scope",
            ),
            models.CheckConstraint(
                condition=Q(stock_point=None, group=None)
                | Q(stock_point=None, banner=None)
                | Q(group=None, banner=None),
                name="stock_replenishmentpolicy_one_scope",
            ),
        ]

    def __str__(self) -> str:
        scope = self.stock_point or self.group or self.banner
        return str(scope or _("the whole network"))
