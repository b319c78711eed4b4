"""How fast articles sell where they lie, as far as decisions want to know."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SellingPace(models.Model):
    """Units of one article sold or sent at one stock point in the last weeks (`SALES_DAYS`); without a row, none.

    Worked out from the ledger by a scheduled task: decisions read it only where a rule weighs it.
    """

    variant = models.ForeignKey("stock.Variant", on_delete=models.CASCADE, related_name="+", db_index=False)
    stock_point = models.ForeignKey("stock.StockPoint", on_delete=models.CASCADE, related_name="+", db_index=False)
    sold = models.PositiveIntegerField(_("sold"))
    refreshed_at = models.DateTimeField(_("refreshed at"))

    class Meta:
        verbose_name = _("selling pace")
        verbose_name_plural = _("selling paces")
        ordering = ["variant", "stock_point"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "stock_point"], name="orchestration_selling_pace_once_per_variant_and_point"
            ),
            models.CheckConstraint(condition=Q(sold__gt=0), name="orchestration_selling_pace_sold_something"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} @ {self.stock_point_id}: {self.sold}"
