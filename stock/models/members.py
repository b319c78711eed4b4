"""Who may act for which stock points and channels."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stock.models.channels import SalesChannel
from stock.models.stock_points import StockPoint


class StockPointMember(models.Model):
    """A person who works at a stock point, and so sees its work only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stock_point_members")
    stock_point = models.ForeignKey(StockPoint, on_delete=models.PROTECT, related_name="members")

    class Meta:
        verbose_name = _("member of a stock point")
        verbose_name_plural = _("members of stock points")
        constraints = [models.UniqueConstraint(fields=["user", "stock_point"], name="stock_stockpointmember_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.stock_point}"


class ChannelMember(models.Model):
    """A person who looks after a channel, and so sees its orders only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="channel_members")
    channel = models.ForeignKey(SalesChannel, on_delete=models.PROTECT, related_name="members")

    class Meta:
        verbose_name = _("member of a channel")
        verbose_name_plural = _("members of channels")
        constraints = [models.UniqueConstraint(fields=["user", "channel"], name="stock_channelmember_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.channel}"


class ClientAccess(models.Model):
    """What an API client's key is bound to. A client without this row sees everything.

    Being bound is said by the two flags, not by the lists: a list that became empty binds to nothing.
    """

    client = models.OneToOneField("core.ApiClient", on_delete=models.CASCADE, related_name="stock_access")
    sees_all_stock_points = models.BooleanField(default=True)
    sees_all_channels = models.BooleanField(default=True)
    stock_points = models.ManyToManyField(StockPoint, blank=True, related_name="+")
    channels = models.ManyToManyField(SalesChannel, blank=True, related_name="+")

    class Meta:
        verbose_name = _("access of a client")
        verbose_name_plural = _("access of clients")

    def __str__(self) -> str:
        return str(self.client)
