"""What the reconciliation has found: figures that are kept and do not agree with what proves them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access, limited
from stock.models.catalogue import Variant
from stock.models.stock_points import StockPoint


class KeptFigure(models.TextChoices):
    """`on_hand` is proven by the ledger, `reserved` by the live reservations, `unavailable` by what was set aside and
    given back."""

    ON_HAND = "on_hand", _("on hand")
    RESERVED = "reserved", _("reserved")
    UNAVAILABLE = "unavailable", _("unavailable")


class LevelDifferenceQuerySet(models.QuerySet["LevelDifference"]):
    def visible_to(self, access: Access) -> Self:
        return limited(self, access, stock_point="stock_point_id")  # type: ignore[return-value]

    def open(self) -> Self:
        return self.filter(ended_at=None)


class LevelDifference(models.Model):
    """A level that says another figure than what proves it adds up to: reported, never mended unasked."""

    figure = models.CharField(_("figure"), max_length=12, choices=KeptFigure)
    variant = models.ForeignKey(
        Variant, verbose_name=_("variant"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    stock_point = models.ForeignKey(
        StockPoint, verbose_name=_("stock point"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kept = models.IntegerField(_("what the level says"))
    proven = models.IntegerField(_("what it should say"))
    first_found_at = models.DateTimeField(_("first found at"))
    last_found_at = models.DateTimeField(_("last found at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.CharField(_("repaired by"), max_length=150, blank=True, help_text=_("Empty: it was gone."))

    objects = LevelDifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("difference of a level")
        verbose_name_plural = _("differences of levels")
        permissions = [("repair_stocklevel", _("Can repair stock levels"))]
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["figure", "variant", "stock_point"],
                condition=Q(ended_at=None),
                name="stock_leveldifference_open_once",
            ),
        ]

    def __str__(self) -> str:
        told = {"figure": self.get_figure_display(), "kept": self.kept, "proven": self.proven}
        return gettext("%(figure)s: %(kept)d instead of %(proven)d") % told
