"""What a channel may promise of every article it could sell, as a file: written as it is read."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Final

from oms.core.formulas import harmless
from stock.models import SalesChannel, Variant
from stock.queries.expected import expected_availability
from stock.queries.summaries import summed_availability

COLUMNS: Final = ("sku", "gtin", "available", "expected", "expected_from")
ARTICLES_AT_ONCE: Final = 1000


def availability_csv(channel: SalesChannel) -> Iterator[str]:
    """One line per active article, by SKU; `expected` is all that is to come, `expected_from` its first day.

    Every thousand lines are figures of one moment. Three queries for as many, one more where a summary does not hold
    and one where there are allotments.
    """
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    last = ""
    while articles := _articles_after(last):
        ids = [pk for pk, _, _ in articles]
        there = summed_availability(channel_id=channel.pk, has_allotments=channel.has_allotments, variant_ids=ids)
        to_come = expected_availability(channel_id=channel.pk, variant_ids=ids)
        yield "".join(
            writer.writerow(
                (
                    harmless(sku),
                    gtin or "",
                    there[pk],
                    sum(each.available for each in to_come[pk]),
                    to_come[pk][0].available_on.isoformat() if to_come[pk] else "",
                )
            )
            for pk, sku, gtin in articles
        )
        last = articles[-1][1]


def _articles_after(sku: str) -> list[tuple[int, str, str | None]]:
    """By key, so that the last page costs what the first does."""
    articles = Variant.objects.filter(is_active=True, sku__gt=sku).order_by("sku")
    return list(articles.values_list("pk", "sku", "gtin")[:ARTICLES_AT_ONCE])


class _Echo:
    """What `csv` writes into, to be handed on at once."""

    def write(self, text: str) -> str:
        return text
