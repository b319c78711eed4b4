"""Counts as the people of a store see them: without what the books expect, so that they count and do not confirm."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from stock.models import CountLine, StockCount, StockLevel, StockPoint

SHOWN_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class Sheet:
    """The articles counted last, and how far the whole is."""

    lines: list[CountLine]
    counted: int
    asked: int


def counts_at(stock_point: StockPoint) -> QuerySet[StockCount]:
    """The newest, with how many of their articles are counted."""
    counts = StockCount.objects.filter(stock_point=stock_point)
    return counts.annotate(
        asked=Count("lines"), counted=Count("lines", filter=Q(lines__counted__isnull=False))
    ).order_by("-pk")[:20]


def categories_at(stock_point: StockPoint) -> list[str]:
    """What a count may be limited to."""
    levels = StockLevel.objects.filter(stock_point=stock_point).exclude(variant__product__category="")
    found = levels.order_by("variant__product__category").values_list("variant__product__category", flat=True)
    return list(found.distinct()[:200])


def sheet_of(stock_count: StockCount, *, latest: str = "") -> Sheet:
    """The one scanned just now first, then the others by when they were counted, then what is still to be counted."""
    lines = CountLine.objects.filter(stock_count=stock_count)
    told = lines.aggregate(asked=Count("pk"), counted=Count("pk", filter=Q(counted__isnull=False)))
    shown = lines.select_related("variant__product").order_by(
        F("counted_at").desc(nulls_last=True), "variant__product__name", "pk"
    )[:SHOWN_AT_MOST]
    return Sheet(sorted(shown, key=lambda line: line.variant.sku != latest), told["counted"], told["asked"])
