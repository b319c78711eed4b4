"""What declining would do to the shop's own stock, said before it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orders.queries.picked_units import picked_units
from orders.services.declining import DeclineReason
from stock.models import StockLevel, StockPoint, Variant

_UNSELLABLE = frozenset({DeclineReason.DAMAGED, DeclineReason.DISPLAY})


@dataclass(frozen=True, slots=True)
class Effect:
    """On one article: what is on hand, and how much of it may be sold, before and after."""

    variant: Variant
    on_hand: int
    on_hand_after: int
    sellable: int
    sellable_after: int

    @property
    def changes_nothing(self) -> bool:
        return (self.on_hand, self.sellable) == (self.on_hand_after, self.sellable_after)


def effects_of_declining(
    *, stock_point: StockPoint, units: Mapping[Variant, int], reason: str, found_now: Mapping[int, int] | None = None
) -> Sequence[Effect]:
    """`found_now`: units picked in the same move, by variant (a short pick)."""
    ids = [variant.pk for variant in units]
    levels = {level.variant_id: level for level in StockLevel.objects.filter(stock_point=stock_point, variant__in=ids)}
    picked = picked_units(stock_point_id=stock_point.pk, variant_ids=ids)
    effects = []
    for variant, quantity in units.items():
        level = levels.get(variant.pk)
        on_hand, unavailable = (level.on_hand, level.unavailable) if level else (0, 0)
        after, unsellable = on_hand, unavailable
        if reason == DeclineReason.NOT_FOUND:
            after = min(on_hand, picked.get(variant.pk, 0) + (found_now or {}).get(variant.pk, 0))
        elif reason in _UNSELLABLE:
            unsellable += quantity
        effects.append(
            Effect(
                variant=variant,
                on_hand=on_hand,
                on_hand_after=after,
                sellable=max(0, on_hand - unavailable),
                sellable_after=max(0, after - unsellable),
            )
        )
    return effects
