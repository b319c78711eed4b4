"""What a scanner typed, among articles that may be meant."""

from __future__ import annotations

from collections.abc import Iterable

from stock.models import Variant


def scanned(text: str, among: Iterable[Variant]) -> Variant | None:
    """The variant whose GTIN or SKU was read. A GTIN is the same number however many zeros stand before it."""
    code = text.strip()
    number = code.lstrip("0") if code.isdigit() else ""
    for variant in among:
        if variant.sku.casefold() == code.casefold():
            return variant
        if number and variant.gtin and variant.gtin.lstrip("0") == number:
            return variant
    return None


def known_article(text: str) -> Variant | None:
    """Any article of the catalogue with this code, to tell what was scanned by mistake."""
    code = text.strip()[:64]
    found = Variant.objects.select_related("product")
    if code.isdigit():
        padded = {code, *(code.lstrip("0").zfill(length) for length in (8, 12, 13, 14))}
        by_gtin = found.filter(gtin__in=padded).first()
        if by_gtin is not None:
            return by_gtin
    return found.filter(sku=code).first()
