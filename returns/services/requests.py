"""What is asked when something is to be given back, checked for shape only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WantedLine:
    sku: str
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """`order` is a number, `receipt` a number or a channel's reference: one of them, none for a blind return."""

    way: str
    lines: tuple[WantedLine, ...]
    order: str = ""
    receipt: str = ""
    stock_point: str = ""
    is_exception: bool = False
    approved_by: str = ""

    @property
    def units(self) -> dict[str, int]:
        return units_by_sku(self.lines)


@dataclass(frozen=True, slots=True)
class GradedUnits:
    """What inspection found of so many units of a SKU; `disposition` empty: as the banner's rules say."""

    sku: str
    quantity: int
    grade: str
    disposition: str = ""


def units_by_sku(lines: Sequence[WantedLine]) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units
