"""Telling the rest of the product that stock came, or that less is there than was promised."""

from collections.abc import Iterable
from typing import Final

from django.db.models import F

from oms.core.events import emit_many
from stock.models import StockLevel

VARIANTS_PER_EVENT: Final = 1000


def announce_raised(variant_ids: Iterable[int]) -> None:
    """`stock_level.raised`: more may be free of these variants. Whoever has waiting demand looks for it there."""
    emit_many("stock_level.raised", _in_portions(variant_ids))


def announce_expected(variant_ids: Iterable[int]) -> None:
    """`expected_receipt.raised`: more may be promised of what is to come of these variants."""
    emit_many("expected_receipt.raised", _in_portions(variant_ids))


def _in_portions(variant_ids: Iterable[int]) -> list[dict[str, list[int]]]:
    ordered = sorted(set(variant_ids))
    return [
        {"variant_ids": ordered[start : start + VARIANTS_PER_EVENT]}
        for start in range(0, len(ordered), VARIANTS_PER_EVENT)
    ]


def announce_short(level_ids: Iterable[int]) -> None:
    """`stock_level.short` for each of the levels with more promised than there is; the others are passed over.

    The shortfall is in units, at most what is reserved.
    """
    lowered = list(level_ids)
    if not lowered:
        return
    short = (
        StockLevel.objects.filter(pk__in=lowered, reserved__gt=0)
        .filter(on_hand__lt=F("reserved") + F("unavailable"))
        .order_by("pk")
    )
    emit_many(
        "stock_level.short",
        [
            {
                "level_id": level.pk,
                "variant_id": level.variant_id,
                "stock_point_id": level.stock_point_id,
                "shortfall": min(level.reserved, level.reserved + level.unavailable - level.on_hand),
            }
            for level in short
        ],
    )
