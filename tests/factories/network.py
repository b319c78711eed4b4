"""A retailer's network: banner, channels, stock points and articles, as rows."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from stock.models import Banner, Product, SalesChannel, StockPoint, Variant

_serial = itertools.count(1)


def unique(prefix: str) -> str:
    """A code nobody else has."""
    return f"{prefix}-{next(_serial)}"


def make_banner(**values: Any) -> Banner:
    given = {"code": unique("banner"), "name": "Maison Halles", "currency": "EUR", "languages": ["fr", "en"]}
    return Banner.objects.create(**given | values)


def make_stock_point(**values: Any) -> StockPoint:
    """A warehouse in Orléans that does everything, always open, unless told otherwise."""
    code = values.get("code") or unique("point")
    given = {
        "code": code,
        "name": f"Stock point {code}",
        "kind": "warehouse",
        "latitude": 47.9,
        "longitude": 1.9,
        "postcode": "45000",
        "country": "FR",
        "timezone": "Europe/Paris",
    }
    return StockPoint.objects.create(**given | values)


def make_store(**values: Any) -> StockPoint:
    return make_stock_point(**{"kind": "store", "latitude": 48.86, "longitude": 2.35, "postcode": "75004"} | values)


def make_channel(*, stock_points: Sequence[StockPoint] | None = None, **values: Any) -> SalesChannel:
    """A web shop fed by all stock points, or by the given ones."""
    code = values.get("code") or unique("channel")
    given = {
        "code": code,
        "name": f"Channel {code}",
        "kind": "web",
        "currency": "EUR",
        "serves_all_stock_points": stock_points is None,
    }
    channel = SalesChannel.objects.create(**given | values)
    channel.stock_points.set(stock_points or [])
    return channel


def make_variant(*, category: str = "things", **values: Any) -> Variant:
    """An article of 500 g at 10 euros."""
    sku = values.get("sku") or unique("SKU")
    product = values.pop("product", None) or Product.objects.create(code=sku, name=f"Article {sku}", category=category)
    given = {"sku": sku, "product": product, "price": Decimal("10.00"), "currency": "EUR", "weight_g": 500}
    return Variant.objects.create(**given | values)


def make_variants(count: int, **values: Any) -> list[Variant]:
    return [make_variant(**values) for _ in range(count)]


def lille() -> Mapping[str, str]:
    """A customer's address."""
    return {"line1": "1 place du Théâtre", "postcode": "59800", "city": "Lille", "country": "FR"}
