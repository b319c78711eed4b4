"""What each channel may promise of each variant, worked out beforehand."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from stock.models.catalogue import Variant
from stock.models.changes import Xid8Field
from stock.models.channels import SalesChannel


class AvailabilitySummary(models.Model):
    """The sum over the channel's open stock points, below its allotment, as the levels stood when it was written.

    It holds as long as the feed of changes has nothing of the variant from transaction `xid` on: every older one
    was over, so it is counted in or was undone. Whoever reads looks there too, and reads the levels themselves
    where it does not hold.
    """

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.ForeignKey(SalesChannel, on_delete=models.CASCADE, related_name="+", db_index=False)
    available = models.BigIntegerField()
    xid = Xid8Field()
    valid_until = models.DateTimeField(null=True)
    """When the pause of a stock point ends, which nobody writes down at that moment."""

    class Meta:
        verbose_name = _("availability summary")
        verbose_name_plural = _("availability summaries")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "channel"], name="stock_summary_once_per_variant_and_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.available}"


class SummaryPosition(models.Model):
    """How far the channel's summaries have followed the feed of changes."""

    channel = models.OneToOneField(SalesChannel, on_delete=models.CASCADE, primary_key=True, related_name="+")
    xid = Xid8Field()
    row = models.BigIntegerField()

    class Meta:
        verbose_name = _("position of the summaries")
        verbose_name_plural = _("positions of the summaries")

    def __str__(self) -> str:
        return f"{self.xid}-{self.row}"
