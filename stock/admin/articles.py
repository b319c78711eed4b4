"""Articles in the admin's lists: found by what a scanner reads, and each figure opened into its level."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from stock.models import StockPoint, Variant
from stock.queries.catalogue import product_categories, variant_with_code


def known_category(category: str, *, kept: str = "") -> str:
    """For a form: the category, where an article is of it; one that is `kept` as it was need not be known any more."""
    if category and category != kept and category not in product_categories():
        raise ValidationError(_("No article is of this category."))
    return category


class FoundByArticle:
    """The search takes a whole SKU or a scanned GTIN, too: with or without its leading zeros, whatever its case."""

    article_path: ClassVar[str] = "variant"
    search_help_text = _("A whole reference, a whole SKU or a scanned GTIN.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        article = variant_with_code(search_term, is_sold=False)
        if article is not None and self._knows_only_articles:
            # Beside the SKU in one OR, no index would serve: the whole table would be read.
            return queryset.filter(**{self.article_path: article.pk}), False
        among = self.with_references(queryset) if search_term else queryset
        found: tuple[QuerySet[Any], bool] = super().get_search_results(request, among, search_term)  # type: ignore[misc]
        if article is None:
            return found
        return found[0] | queryset.filter(**{self.article_path: article.pk}), found[1]

    @property
    def _knows_only_articles(self) -> bool:
        return all(name.startswith(f"{self.article_path}__") for name in self.search_fields)  # type: ignore[attr-defined]

    def with_references(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those that are searched by their references."""
        return rows


class SortedWhereNarrow:
    """A list of millions of rows is sorted by its columns where it is narrowed to an article or a stock point."""

    def get_sortable_by(self, request: HttpRequest) -> Any:
        narrow = ("q", "variant__id__exact", "stock_point__id__exact")
        is_narrow = any(request.GET.get(name) for name in narrow)
        return super().get_sortable_by(request) if is_narrow else ()  # type: ignore[misc]


class OpensLevel:
    """The stock point of a row opens the level the row speaks of: its waterfall and its movements."""

    @admin.display(description=_("stock point"), ordering="stock_point")
    def level(self, row: Any) -> SafeString:
        return level_link(row.variant, row.stock_point)


def level_link(variant: Variant, stock_point: StockPoint) -> SafeString:
    address = level_address(variant.sku, stock_point.code)
    return format_html('<a class="halles-link" href="{}">{}</a>', address, stock_point)


def levels_link(variant: Variant, text: object) -> SafeString:
    return format_html('<a class="halles-link" href="{}">{}</a>', level_address(variant.sku), text)


def level_address(sku: str, stock_point: str = "") -> str:
    """Of the level; without a stock point, of the article's levels everywhere."""
    asked = {"sku": sku} | ({"stock_point": stock_point} if stock_point else {})
    return f"{reverse('admin:stock_stocklevel_of')}?{urlencode(asked)}"
