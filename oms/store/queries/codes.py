"""What a scanner typed, among articles that may be meant."""

from __future__ import annotations

from collections.abc import Iterable

from stock.models import Variant
from stock.queries.catalogue import is_code_of, is_exactly_code_of, variant_with_code


def scanned(text: str, among: Iterable[Variant]) -> Variant | None:
    """The first of them whose GTIN or SKU was read.

    One read with other zeros than its own does only if these are no other article's: nobody sends one for the other.
    """
    meant = [variant for variant in among if is_code_of(text, variant)]
    exact = next((variant for variant in meant if is_exactly_code_of(text, variant)), None)
    if exact is not None or not meant:
        return exact
    article = known_article(text)
    return None if article is not None and is_exactly_code_of(text, article) else meant[0]


def known_article(text: str) -> Variant | None:
    """Any article of the catalogue with this code, sold or not: it lies in somebody's hand."""
    return variant_with_code(text, is_sold=False)
