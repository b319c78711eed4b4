"""How much of a stock point's day, and of its opening hour, is taken."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class CapacityUse(models.Model):
    """Orders one stock point took on one day, of the at most `capacity` it was ever told it could; with `hour`, by
    its own clock, those of one opening hour of that day."""

    stock_point = models.ForeignKey(
        "stock.StockPoint", verbose_name=_("stock point"), on_delete=models.CASCADE, related_name="+"
    )
    on = models.DateField(_("day"))
    hour = models.PositiveSmallIntegerField(_("opening hour"), null=True)
    used = models.PositiveIntegerField(_("used"), default=0)
    capacity = models.PositiveIntegerField(_("capacity"))

    class Meta:
        verbose_name = _("capacity use")
        verbose_name_plural = _("capacity use")
        ordering = ["-on", "stock_point"]
        constraints = [
            models.UniqueConstraint(
                fields=["on", "stock_point", "hour"],
                nulls_distinct=False,
                name="orchestration_capacity_use_one_per_day_and_hour",
            ),
            models.CheckConstraint(
                condition=Q(hour=None) | Q(hour__lte=23), name="orchestration_capacity_use_hour_of_a_day"
            ),
            models.CheckConstraint(
                condition=Q(used__lte=F("capacity")), name="orchestration_capacity_use_within_capacity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stock_point_id} {self.on}"
