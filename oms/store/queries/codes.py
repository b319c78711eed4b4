"""What a scanner typed, among articles that may be meant."""

from __future__ import annotations

from collections.abc import Iterable

from stock.models import Variant
from stock.queries.catalogue import is_code_of, variant_with_code


def scanned(text: str, among: Iterable[Variant]) -> Variant | None:
    """The first of them whose GTIN or SKU was read."""
    return next((variant for variant in among if is_code_of(text, variant)), None)


def known_article(text: str) -> Variant | None:
    """Any article of the catalogue with this code, sold or not: it lies in somebody's hand."""
    return variant_with_code(text, is_sold=False)
