"""Products and their variants."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core.bulk import BulkResult, Row
from oms.core.retrying import retry_on_conflict
from stock.models import PendingProtection, Product, Variant
from stock.services.protecting import protection_depends_on_articles, queue_protection
from stock.services.upserting import Upsert


@retry_on_conflict
@transaction.atomic
def save_variants(*, rows: Sequence[Row]) -> BulkResult:
    """Create or change variants by SKU, and their products by code.

    A new variant without a product becomes one of its own, under its SKU. A product that several rows
    describe gets what the last of them says.
    """
    result = BulkResult()
    variants = Upsert(Variant, "sku", result)
    variants.load(row["sku"] for row in rows)
    before = {sku: variant.product_id for sku, variant in variants.objects.items()}
    given = _described_products(rows, variants)
    products = Upsert(Product, "code", BulkResult())
    recategorised = _save_products(products, given)
    rows = [row for row in rows if _has_product(row, given, products, result)]
    for row in rows:
        values = _values_of(row, variants, products, given.get(row.index), result)
        if values is not None and variants.put(row, values) is not None and _product_changed(products, given, row):
            variants.touch(row["sku"])
    _refuse_taken_gtins(variants)
    variants.write()
    variants.count()
    _protect_again(recategorised, [one for sku, one in variants.objects.items() if _has_moved(one, before.get(sku))])
    return result


def _described_products(rows: Sequence[Row], variants: Upsert[Variant]) -> dict[int, Mapping[str, Any]]:
    """By row: its product's fields; a new variant without one is given a product under its SKU."""
    described: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        if row.get("product") is not None:
            described[row.index] = row["product"]
        elif row["sku"] not in variants.objects:
            described[row.index] = {"code": row["sku"], "is_implied": True}
    return described


def _save_products(products: Upsert[Product], given: Mapping[int, Mapping[str, Any]]) -> list[Product]:
    """Write the products; those whose category changed."""
    merged: dict[str, dict[str, Any]] = {}
    for fields in given.values():
        merged.setdefault(fields["code"], {}).update(fields)
    products.load(merged)
    categories = {code: product.category for code, product in products.objects.items()}
    for place, (code, fields) in enumerate(merged.items()):
        if fields.pop("is_implied", False) and code not in products.objects:
            fields.setdefault("name", code)
        if code in products.objects or fields.get("name"):
            products.put(Row(place, fields), fields)
    products.write()
    return [
        products.objects[code] for code, category in categories.items() if products.objects[code].category != category
    ]


def _has_product(
    row: Row, given: Mapping[int, Mapping[str, Any]], products: Upsert[Product], result: BulkResult
) -> bool:
    """False when the row describes a new product without its name, and is refused."""
    product = given.get(row.index)
    if product is None or product["code"] in products.objects:
        return True
    result.refuse(row.index, "invalid", gettext_noop("product.name: This field is required."))
    return False


def _values_of(
    row: Row,
    variants: Upsert[Variant],
    products: Upsert[Product],
    product: Mapping[str, Any] | None,
    result: BulkResult,
) -> dict[str, Any] | None:
    """The variant's own fields; None when the row is refused."""
    values = {name: value for name, value in row.data.items() if name != "product"}
    if product is not None:
        values["product"] = products.objects[product["code"]].pk
    if row["sku"] in variants.objects:
        return values
    if values.get("price") and not values.get("currency"):
        result.refuse(row.index, "invalid", gettext_noop("currency: This field is required with a price."))
        return None
    values.setdefault("currency", settings.BASE_CURRENCY)
    return values


def _product_changed(products: Upsert[Product], given: Mapping[int, Mapping[str, Any]], row: Row) -> bool:
    product = given.get(row.index)
    return product is not None and product["code"] in products.changed


def _refuse_taken_gtins(variants: Upsert[Variant]) -> None:
    """A GTIN belongs to one variant. Judged as everything would be in the end, so that two may swap theirs."""
    while True:
        holders: dict[str, str] = {}
        taken: dict[str, str] = {}
        for sku, variant in variants.objects.items():
            if variant.gtin and holders.setdefault(variant.gtin, sku) != sku:
                taken[sku] = variant.gtin
        elsewhere = Variant.objects.filter(gtin__in=holders).exclude(sku__in=variants.objects)
        for gtin in elsewhere.values_list("gtin", flat=True):
            assert gtin is not None
            taken[holders[gtin]] = gtin
        if not taken:
            return
        for sku, gtin in taken.items():
            variants.refuse(sku, "duplicate_gtin", f"gtin: {gtin} belongs to another variant.")


def _has_moved(variant: Variant, before: int | None) -> bool:
    return before is not None and before != variant.product_id


def _protect_again(recategorised: Sequence[Product], moved: Sequence[Variant]) -> None:
    """An article of another category or product may be under other rules."""
    if (recategorised or moved) and protection_depends_on_articles():
        queue_protection(PendingProtection(product=product) for product in recategorised)
        queue_protection(PendingProtection(variant=variant) for variant in moved)
