"""Units told by SKU, spread over the lines that hold them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from returns.errors import QuantityMismatch

Holder = TypeVar("Holder")


@dataclass(frozen=True, slots=True)
class Room(Generic[Holder]):
    """Something of a SKU that can take so many units more."""

    holder: Holder
    sku: str
    quantity: int


def spread(told: Mapping[str, int], rooms: Iterable[Room[Holder]], *, what: str) -> list[tuple[Holder, int]]:
    """Each holder with its units, in the rooms' order. Raises `QuantityMismatch` where a SKU has too little room.

    `what` ends the sentence of the refusal: "are in this return".
    """
    left = Counter(told)
    found: Counter[str] = Counter()
    shares = []
    for room in rooms:
        found[room.sku] += room.quantity
        units = min(left[room.sku], room.quantity)
        if units > 0:
            shares.append((room.holder, units))
            left[room.sku] -= units
    errors = {
        sku: [f"{told[sku]} units are told, {found[sku]} {what}."] for sku, units in sorted(left.items()) if units > 0
    }
    if errors:
        raise QuantityMismatch(errors=errors)
    return shares
