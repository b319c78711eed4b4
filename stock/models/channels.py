"""Where orders come from."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access, limited
from stock.models.banners import Banner
from stock.models.stock_points import StockPoint


class ChannelKind(models.TextChoices):
    WEB = "web", _("web")
    MOBILE = "mobile", _("mobile")
    STORE = "store", _("store")
    MARKETPLACE = "marketplace", _("marketplace")
    SOCIAL = "social", _("social")
    CALL_CENTRE = "call_centre", _("call centre")


class SalesChannelQuerySet(models.QuerySet["SalesChannel"]):
    def visible_to(self, access: Access) -> Self:
        return limited(self, access, channel="pk")  # type: ignore[return-value]


class SalesChannel(models.Model):
    """A way to sell, with the stock points that feed it."""

    code = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=ChannelKind)
    banner = models.ForeignKey(
        Banner, null=True, blank=True, on_delete=models.PROTECT, related_name="channels", db_index=False
    )
    currency = models.CharField(max_length=3)
    serves_all_stock_points = models.BooleanField(
        default=True, help_text=_("All of them, also those created later; else only the ones listed.")
    )
    stock_points = models.ManyToManyField(StockPoint, blank=True, related_name="channels")
    allows_backorders = models.BooleanField(default=False)
    allows_preorders = models.BooleanField(default=False)
    has_allotments = models.BooleanField(
        default=False, db_default=False, editable=False, help_text=_("Whether any allotment is to be looked up.")
    )

    objects = SalesChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("sales channel")
        verbose_name_plural = _("sales channels")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="stock_saleschannel_code_unique"),
            models.CheckConstraint(condition=Q(kind__in=ChannelKind.values), name="stock_saleschannel_kind_known"),
        ]
        indexes = [models.Index(fields=["banner"], name="stock_saleschannel_by_banner")]

    def __str__(self) -> str:
        return self.name
