"""What a customer may take instead of what came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from returns.queries.valuing import Value
from stock.models import StockLevel, StockPoint, Variant
from stock.sizes import size_order


@dataclass(frozen=True, slots=True)
class Choice:
    """A variant of the same product, and how many of it are free on this shelf."""

    variant: Variant
    free: int
    is_same: bool
    is_enough: bool


@dataclass(frozen=True)
class Article:
    """Units of one variant that came back, with what may be taken for them."""

    key: str
    variant: Variant
    units: int
    choices: Sequence[Choice]


def articles_to_exchange(value: Value, point: StockPoint) -> list[Article]:
    """One entry per returned variant; three queries for any number of them."""
    units: dict[int, int] = {}
    for share in value.shares:
        variant_id = share.claim.order_line.variant_id
        units[variant_id] = units.get(variant_id, 0) + share.quantity
    returned = Variant.objects.filter(pk__in=units).select_related("product").in_bulk()
    products = {variant.product_id for variant in returned.values()}
    siblings = sorted(
        Variant.objects.filter(product__in=products, is_active=True).select_related("product").order_by("sku"),
        key=lambda each: (each.product_id, each.colour, size_order(each.size)),
    )
    levels = StockLevel.objects.filter(variant__in=siblings, stock_point=point)
    # What is in the shop may be sold to the last unit, protected or not.
    free = {
        variant: max(0, on_hand - reserved - unavailable)
        for variant, on_hand, reserved, unavailable in levels.values_list(
            "variant_id", "on_hand", "reserved", "unavailable"
        )
    }
    return [
        Article(
            key=str(pk),
            variant=returned[pk],
            units=count,
            choices=[
                Choice(each, free.get(each.pk, 0), each.pk == pk, free.get(each.pk, 0) >= count)
                for each in siblings
                if each.product_id == returned[pk].product_id
            ],
        )
        for pk, count in units.items()
    ]
