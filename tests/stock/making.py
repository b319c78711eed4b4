"""A small network for the tests of stock, and what is read of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from oms.core import clock
from oms.core.bulk import Row
from stock.models import (
    ExpectedReceipt,
    Product,
    Reservation,
    SalesChannel,
    StockLevel,
    StockMovement,
    StockPoint,
    Variant,
)
from stock.services.expecting import save_expected_receipts
from stock.services.moving import record_movements
from stock.services.reserving import Want

_numbers = count(1)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def make_point(code: str = "", **fields: Any) -> StockPoint:
    code = code or f"POINT-{next(_numbers)}"
    return StockPoint.objects.create(
        **{"code": code, "name": code, "kind": "store", "country": "FR", "timezone": "Europe/Paris", **fields}
    )


def make_variant(sku: str = "", *, product: Product | None = None, category: str = "", **fields: Any) -> Variant:
    sku = sku or f"SKU-{next(_numbers)}"
    product = product or Product.objects.create(code=f"P-{sku}", name=f"Product {sku}", category=category)
    return Variant.objects.create(**{"sku": sku, "product": product, "currency": "EUR", **fields})


def make_channel(code: str = "", *, points: Sequence[StockPoint] | None = None, **fields: Any) -> SalesChannel:
    """Fed by all stock points, or by the ones given."""
    code = code or f"channel-{next(_numbers)}"
    channel = SalesChannel.objects.create(
        **{
            "code": code,
            "name": code,
            "kind": "web",
            "currency": "EUR",
            "serves_all_stock_points": points is None,
            **fields,
        }
    )
    channel.stock_points.set(points or [])
    return channel


def receive(variant: Variant, point: StockPoint, quantity: int, **fields: Any) -> StockLevel:
    """Goods came; the level as it is now."""
    row = {
        "sku": variant.sku,
        "stock_point": point.code,
        "quantity": quantity,
        "kind": "receipt",
        "reference": f"R-{next(_numbers)}",
        "occurred_at": NOON,
        **fields,
    }
    result = record_movements(rows=[Row(0, row)])
    assert (result.created, result.errors) == (1, [])
    return level_of(variant, point)


def level_of(variant: Variant, point: StockPoint) -> StockLevel:
    return StockLevel.objects.get(variant=variant, stock_point=point)


def want(variant: Variant, point: StockPoint, quantity: int) -> Want:
    return Want(variant_id=variant.pk, stock_point_id=point.pk, quantity=quantity)


def figures(variant: Variant, point: StockPoint) -> tuple[int, int, int]:
    """(on hand, reserved, unavailable)."""
    level = level_of(variant, point)
    return level.on_hand, level.reserved, level.unavailable


def ledger(variant: Variant, point: StockPoint) -> list[tuple[str, int]]:
    """(kind, quantity) of the level's movements, in the order they were recorded."""
    rows = StockMovement.objects.filter(variant=variant, stock_point=point).order_by("id")
    return list(rows.values_list("kind", "quantity"))


def reservations(owner: str) -> list[tuple[str, str, int, str]]:
    """(SKU, stock point, quantity, state) of all the owner's reservations, oldest first."""
    rows = Reservation.objects.filter(owner=owner).order_by("id")
    return list(rows.values_list("variant__sku", "stock_point__code", "quantity", "state"))


def expect(
    variant: Variant, point: StockPoint, quantity: int, *, reference: str = "PO-1", days: int = 7, **fields: Any
) -> ExpectedReceipt:
    """Announce goods, some days from now by the stock point's clock; the receipt as it is then."""
    row = {
        "reference": reference,
        "sku": variant.sku,
        "stock_point": point.code,
        "quantity": quantity,
        "expected_on": clock.now().astimezone(ZoneInfo(point.timezone)).date() + timedelta(days=days),
        **fields,
    }
    assert save_expected_receipts(rows=[Row(0, row)]).errors == []
    return ExpectedReceipt.objects.get(reference=reference, variant=variant, stock_point=point)


def arrive(variant: Variant, point: StockPoint, quantity: int, *, reference: str = "PO-1", **fields: Any) -> StockLevel:
    return receive(variant, point, quantity, **{"reference": reference, "occurred_at": clock.now(), **fields})
