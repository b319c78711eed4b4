from typing import Any

from django import forms
from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from oms.core.admin.base import OmsAdmin
from stock.admin.articles import FoundByArticle, levels_link
from stock.models import Product, Variant


class VariantRowForm(forms.ModelForm):
    """A row of a table: each field is named by its column, and for who does not see the table by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not field.widget.is_hidden:
                field.widget.attrs["aria-label"] = str(field.label)


class VariantInline(TabularInline):
    model = Variant
    form = VariantRowForm
    fields = ("sku", "gtin", "size", "colour", "price", "currency", "weight_g", "is_active")
    extra = 0
    show_change_link = True


@admin.register(Product)
class ProductAdmin(OmsAdmin):
    """What is sold, under one name, with its variants."""

    list_display = ("code", "name", "brand", "category", "season_ends_on")
    search_fields = ("code__istartswith", "name__istartswith")
    ordering = ("code",)
    inlines = (VariantInline,)


@admin.register(Variant)
class VariantAdmin(FoundByArticle, OmsAdmin):
    """What is sold, under its SKU. The search field takes a SKU or a scanned GTIN."""

    article_path = "pk"
    list_display = ("sku", "levels", "product", "size", "colour", "gtin", "price", "currency", "weight_g", "is_active")
    list_select_related = ("product",)
    list_filter = ("is_active", "is_hot")
    search_fields = ("sku__startswith", "product__code__exact")
    search_help_text = _("The beginning of a SKU, a scanned GTIN, or a product's whole code.")
    autocomplete_fields = ("product",)
    ordering = ("sku",)

    @admin.display(description=_("levels"))
    def levels(self, variant: Variant) -> SafeString:
        """Where it lies."""
        return levels_link(variant, _("Open"))
