"""Finding articles: by the code a scanner reads, or by the beginnings of words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from django.db.models import Q
from django.db.models.functions import Upper

from oms.core.prepared import prepared_cursor
from stock.models import Product, Variant

_WORD = re.compile(r"[^\W_]+")
_LETTERS_IN_TWO = str.maketrans({"œ": "oe", "Œ": "oe"})
_GTIN_LENGTHS = (8, 12, 13, 14)
MOST_WORDS = 8
LONGEST_CODE = 64

# Each word begins one of the product's words, or one of the words of a variant that is sold.
_ONE_WORD = """
SELECT id FROM stock_product
WHERE stock_words(name || ' ' || brand || ' ' || category || ' ' || code) @@ %s::tsquery
UNION
SELECT product_id FROM stock_variant WHERE stock_words(sku || ' ' || colour || ' ' || size) @@ %s::tsquery AND is_active
"""
_SOLD = """
SELECT p.id FROM stock_product p JOIN ({found}) f ON f.id = p.id
WHERE EXISTS (SELECT 1 FROM stock_variant v WHERE v.product_id = p.id AND v.is_active)
ORDER BY p.name, p.code LIMIT %s OFFSET %s
"""


def words_of(text: str) -> list[str]:
    """What is searched for: letters and digits without accents, in lower case, as `stock_words` has them."""
    apart = unicodedata.normalize("NFKD", text.translate(_LETTERS_IN_TWO))
    plain = "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f").lower()
    return list(dict.fromkeys(_WORD.findall(plain)))[:MOST_WORDS]


def product_ids_matching(text: str, *, limit: int, offset: int = 0) -> list[int]:
    """Products with a variant that is sold, every word of the text found; by name. One query."""
    words = words_of(text)
    if not words:
        return []
    found = " INTERSECT ".join(f"({_ONE_WORD})" for _ in words)
    parameters = [f"{word}:*" for word in words for _ in range(2)]
    with prepared_cursor() as cursor:
        cursor.execute(_SOLD.format(found=found), [*parameters, limit, offset])
        return [row[0] for row in cursor.fetchall()]


def variant_with_code(code: str, *, is_sold: bool = True) -> Variant | None:
    """The article with exactly this SKU (in capitals or not) or GTIN, with or without its leading zeros.

    What was given exactly comes first: two articles' GTINs may differ by their zeros alone.
    `is_sold`: only one that is; else what lies on a shelf is known though it is not sold any more.
    """
    code = code.strip()
    if not is_readable(code):
        return None
    variants = Variant.objects.select_related("product").alias(in_capitals=Upper("sku"))
    found = variants.filter(Q(in_capitals=code.upper()) | Q(gtin__in=written_gtins(code)))
    if is_sold:
        found = found.filter(is_active=True)
    return min(found[:20], key=lambda variant: (variant.sku != code, variant.gtin != code, variant.sku), default=None)


def is_code_of(code: str, variant: Variant) -> bool:
    """Whether a scanner that read this read the variant's SKU or GTIN."""
    code = code.strip()
    return variant.sku.upper() == code.upper() or variant.gtin in written_gtins(code)


def is_exactly_code_of(code: str, variant: Variant) -> bool:
    return code.strip() in (variant.sku, variant.gtin)


def written_gtins(code: str) -> Sequence[str]:
    """The one number as it was given, then in each of the lengths it may be written with."""
    if not code.isascii() or not code.isdigit() or len(code) > max(_GTIN_LENGTHS):
        return ()
    bare = code.lstrip("0")
    forms = [bare.zfill(length) for length in _GTIN_LENGTHS if len(bare) <= length]
    return list(dict.fromkeys([code, *forms]))


def is_readable(code: str) -> bool:
    """Whether it can be a code at all; the database keeps none with a NUL in it."""
    return 0 < len(code) <= LONGEST_CODE and "\0" not in code


def sold_variants(product_ids: Sequence[int]) -> list[Variant]:
    """The variants of these products that are sold, product by product, by colour and SKU."""
    variants = Variant.objects.filter(product_id__in=product_ids, is_active=True).select_related("product")
    return list(variants.order_by("product_id", "colour", "sku"))


def product_with_code(code: str) -> Product | None:
    return Product.objects.filter(code=code).first()


def product_categories() -> list[str]:
    """Every category that a product has, in the order of the alphabet."""
    named = Product.objects.exclude(category="").order_by("category")
    return list(named.values_list("category", flat=True).distinct())
