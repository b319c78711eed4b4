"""What is sold: products and their variants."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Deferrable, Q
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access


class Product(models.Model):
    """A group of variants under one name. The category is one plain label, compared exactly."""

    code = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    brand = models.CharField(max_length=100, blank=True)
    category = models.CharField(max_length=100, blank=True)
    season_ends_on = models.DateField(
        null=True, blank=True, help_text=_("From this day on it loses its price; empty: it is sold all year round.")
    )

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code"], name="stock_product_code_unique")]
        indexes = [models.Index(fields=["category"], name="stock_product_by_category")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class VariantQuerySet(models.QuerySet["Variant"]):
    def visible_to(self, access: Access) -> Self:
        """The catalogue is everybody's."""
        return self


class Variant(models.Model):
    """What is sold, under its SKU."""

    sku = models.CharField(_("SKU"), max_length=64)
    gtin = models.CharField(  # noqa: DJ001 (several variants may have none, which only null says in a unique column)
        _("GTIN"), max_length=14, null=True, blank=True, help_text=_("8, 12, 13 or 14 digits, or none.")
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants", db_index=False)
    size = models.CharField(max_length=40, blank=True)
    colour = models.CharField(max_length=60, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal("0.00"), help_text=_("Tax included."))
    currency = models.CharField(max_length=3)
    weight_g = models.PositiveIntegerField(_("weight in grams"), default=0)
    length_mm = models.PositiveIntegerField(
        _("length in mm"), default=0, help_text=_("0 where the size is not known: then it fits every parcel.")
    )
    width_mm = models.PositiveIntegerField(_("width in mm"), default=0)
    height_mm = models.PositiveIntegerField(_("height in mm"), default=0)
    is_active = models.BooleanField(default=True)
    is_hot = models.BooleanField(
        _("wanted by many at once"),
        default=False,
        db_default=False,
        help_text=_("Those who want it at the same moment are answered together: a launch, a sale by the minute."),
    )

    objects = VariantQuerySet.as_manager()

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["sku"]
        constraints = [
            models.UniqueConstraint(fields=["sku"], name="stock_variant_sku_unique"),
            # Checked at the end of the statement, so that one bulk write may swap two codes.
            models.UniqueConstraint(fields=["gtin"], name="stock_variant_gtin_unique", deferrable=Deferrable.IMMEDIATE),
            models.CheckConstraint(condition=~Q(gtin=""), name="stock_variant_gtin_none_is_null"),
            models.CheckConstraint(condition=Q(price__gte=0), name="stock_variant_price_not_negative"),
        ]
        indexes = [
            models.Index(fields=["product"], name="stock_variant_by_product"),
            models.Index(fields=["id"], name="stock_variant_hot", condition=Q(is_hot=True)),
        ]

    def __str__(self) -> str:
        return self.sku
