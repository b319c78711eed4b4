"""How much of a stock point's day is taken."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class CapacityUse(models.Model):
    """Orders one stock point took on one day, of the at most `capacity` it was ever told it could."""

    stock_point = models.ForeignKey(
        "stock.StockPoint", verbose_name=_("stock point"), on_delete=models.CASCADE, related_name="+"
    )
    on = models.DateField(_("day"))
    used = models.PositiveIntegerField(_("used"), default=0)
    capacity = models.PositiveIntegerField(_("capacity"))

    class Meta:
        verbose_name = _("capacity use")
        verbose_name_plural = _("capacity use")
        ordering = ["-on", "stock_point"]
        constraints = [
            models.UniqueConstraint(fields=["on", "stock_point"], name="orchestration_capacity_use_one_per_day"),
            models.CheckConstraint(
                condition=Q(used__lte=F("capacity")), name="orchestration_capacity_use_within_capacity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stock_point_id} {self.on}"
