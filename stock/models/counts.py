"""Stock counts: sheets on which people write what they find, applied once somebody else has looked at them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access, limited
from oms.core.actors import SYSTEM
from oms.core.legal_moves import LegalMoves
from stock.models.catalogue import Variant
from stock.models.stock_points import StockPoint
from stock.states import STOCK_COUNT_MOVES, StockCountState


class StockCountQuerySet(models.QuerySet["StockCount"]):
    def visible_to(self, access: Access) -> Self:
        return limited(self, access, stock_point="stock_point_id")  # type: ignore[return-value]


class StockCount(models.Model):
    """A count of one stock point, or of one category there."""

    reference = models.CharField(_("reference"), max_length=64)
    stock_point = models.ForeignKey(
        StockPoint, verbose_name=_("stock point"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    category = models.CharField(_("category"), max_length=100, blank=True, help_text=_("Empty: everything there."))
    state = models.CharField(_("state"), max_length=12, choices=StockCountState, default=StockCountState.OPEN)
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Why it was rejected or reopened."))
    started_at = models.DateTimeField(_("started at"), default=clock.now)
    started_by = models.CharField(_("started by"), max_length=150)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    submitted_by = models.CharField(_("submitted by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)

    objects = StockCountQuerySet.as_manager()
    moves = STOCK_COUNT_MOVES

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        permissions = [("approve_stockcount", _("Can approve and reject stock counts"))]
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="stock_count_reference_unique"),
            models.CheckConstraint(condition=Q(state__in=StockCountState.values), name="stock_count_state_known"),
            LegalMoves(STOCK_COUNT_MOVES, name="stock_count_legal_moves"),
        ]
        indexes = [models.Index(fields=["stock_point"], name="stock_count_by_stock_point")]

    def __str__(self) -> str:
        return self.reference

    @property
    def movement_reference(self) -> str:
        """Of the movements it writes."""
        return f"stock-count:{self.reference}"

    def is_by(self, actor: str) -> bool:
        """Whether they have submitted it, or counted any of it. The system is nobody."""
        if actor == SYSTEM:
            return False
        return self.submitted_by == actor or self.lines.filter(counted_by=actor).exists()


class CountLine(models.Model):
    """What was on hand by the books when the count began, and what was found at `counted_at`."""

    stock_count = models.ForeignKey(StockCount, on_delete=models.CASCADE, related_name="lines", db_index=False)
    variant = models.ForeignKey(
        Variant, verbose_name=_("variant"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    expected = models.IntegerField(_("expected"))
    counted = models.PositiveIntegerField(_("counted"), null=True, blank=True)
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    counted_by = models.CharField(_("counted by"), max_length=150, blank=True)
    applied_quantity = models.IntegerField(
        _("applied"), null=True, blank=True, help_text=_("The movement that was written, signed.")
    )

    class Meta:
        verbose_name = _("counted article")
        verbose_name_plural = _("counted articles")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["stock_count", "variant"], name="stock_countline_once_per_article"),
            models.CheckConstraint(
                condition=Q(counted=None, counted_at=None) | Q(counted__isnull=False, counted_at__isnull=False),
                name="stock_countline_counted_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return str(self.variant_id)
