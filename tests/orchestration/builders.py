"""A small network to decide on, built by hand: one warehouse, two stores, two articles."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

from oms.orchestration.baskets import Basket, BasketLine, Destination
from stock.models import Banner, Product, SalesChannel, StockLevel, StockPoint, StockPointGroup, Variant

PARIS = Destination(country="FR", postcode="75001", latitude=48.86, longitude=2.34)
_numbers = count(1)


def a_point(
    code: str, *, kind: str = "warehouse", lat: float | None = 48.9, lon: float | None = 2.4, **fields: Any
) -> StockPoint:
    groups = fields.pop("groups", ())
    point = StockPoint.objects.create(
        code=code, name=code, kind=kind, country="FR", timezone="Europe/Paris", latitude=lat, longitude=lon, **fields
    )
    for group in groups:
        point.groups.add(StockPointGroup.objects.get_or_create(code=group)[0])
    return point


def a_channel(
    code: str = "web", *, kind: str = "web", points: list[StockPoint] | None = None, **fields: Any
) -> SalesChannel:
    channel = SalesChannel.objects.create(
        code=code, name=code, kind=kind, currency="EUR", serves_all_stock_points=points is None, **fields
    )
    if points is not None:
        channel.stock_points.set(points)
    return channel


def a_variant(sku: str, *, weight_g: int = 500, category: str = "shirts") -> Variant:
    product = Product.objects.create(code=f"P-{sku}", name=sku, category=category)
    return Variant.objects.create(sku=sku, product=product, price=Decimal("20.00"), currency="EUR", weight_g=weight_g)


def a_banner(code: str) -> Banner:
    return Banner.objects.create(code=code, name=code, currency="EUR", languages=["fr"])


def lies(variant: Variant, point: StockPoint, on_hand: int, **fields: Any) -> StockLevel:
    return StockLevel.objects.create(variant=variant, stock_point=point, on_hand=on_hand, **fields)


def a_basket(channel: SalesChannel, *wanted: tuple[Variant, int], **fields: Any) -> Basket:
    fields.setdefault("reference", f"H{next(_numbers)}")
    fields.setdefault("mode", "home")
    fields.setdefault("destination", PARIS)
    lines = tuple(BasketLine(str(place), variant.pk, quantity) for place, (variant, quantity) in enumerate(wanted, 1))
    return Basket(channel_id=channel.pk, lines=lines, **fields)


def a_document(code: str = "web-home", **fields: Any) -> dict[str, Any]:
    return {"code": code, "name": "Web, home delivery", "rules": [{"name": "any", "max_parcels": 5}], **fields}
