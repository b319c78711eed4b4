"""Future stock: what is announced to arrive at a stock point."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access, limited
from stock.models.catalogue import Variant
from stock.models.stock_points import StockPoint


class ExpectedReceiptKind(models.TextChoices):
    PURCHASE = "purchase", _("purchase")
    TRANSFER = "transfer", _("transfer")
    PRODUCTION = "production", _("production")
    SUPPLIER = "supplier", _("supplier")


class ExpectedReceiptQuerySet(models.QuerySet["ExpectedReceipt"]):
    def visible_to(self, access: Access) -> Self:
        return limited(self, access, stock_point="stock_point_id")  # type: ignore[return-value]

    def open(self) -> Self:
        """Something of it is still to come."""
        return self.filter(quantity__gt=F("received"))


class ExpectedReceipt(models.Model):
    """Units announced under a reference, of which `received` have come and `reserved` of the rest are promised.

    `quantity` is all that was announced, what has come included; 0 is a cancelled one. It may fall below
    what is promised: a truth is always recorded, and whoever was promised too much is planned anew.
    """

    reference = models.CharField(_("reference"), max_length=100)
    variant = models.ForeignKey(
        Variant, verbose_name=_("variant"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    stock_point = models.ForeignKey(
        StockPoint, verbose_name=_("stock point"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=12, choices=ExpectedReceiptKind, default=ExpectedReceiptKind.PURCHASE)
    quantity = models.PositiveIntegerField(
        _("quantity"), help_text=_("All that was announced, what has come included; 0 cancels it.")
    )
    received = models.IntegerField(_("received"), default=0, db_default=0)
    reserved = models.IntegerField(_("reserved"), default=0, db_default=0)
    outstanding = models.GeneratedField(
        verbose_name=_("outstanding"),
        expression=Greatest(F("quantity") - F("received"), Value(0)),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    expected_on = models.DateField(_("expected on"), help_text=_("In the stock point's own zone."))
    created_at = models.DateTimeField(_("created at"), default=clock.now)

    objects = ExpectedReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("expected receipt")
        verbose_name_plural = _("expected receipts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "variant", "stock_point"], name="stock_expectedreceipt_once_per_reference"
            ),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="stock_expectedreceipt_reserved_not_negative"),
            models.CheckConstraint(
                condition=Q(kind__in=ExpectedReceiptKind.values), name="stock_expectedreceipt_kind_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["variant", "expected_on"],
                name="stock_expectedreceipt_open",
                condition=Q(quantity__gt=F("received")),
            ),
            models.Index(fields=["stock_point", "expected_on"], name="stock_expectedreceipt_by_point"),
        ]

    def __str__(self) -> str:
        return self.reference
