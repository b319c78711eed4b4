"""Whether articles may travel by a service: their size, and what may not go where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oms.sourcing.carriers import CarrierService
    from oms.sourcing.facts import LineDemand


@dataclass(frozen=True, slots=True)
class Barred:
    """Articles that may not travel to these zones (all when empty): of these categories, or these."""

    zones: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()

    def bars(self, line: LineDemand, zone: str) -> bool:
        if self.zones and zone not in self.zones:
            return False
        return line.sku in self.skus or (bool(line.category) and line.category in self.categories)


def may_travel(service: CarrierService, lines: Iterable[LineDemand], zone: str) -> bool:
    """Each article on its own: how they lie together in a parcel is seen when it is packed."""
    return not any(
        _is_too_large(service, line) or any(each.bars(line, zone) for each in service.barred) for line in lines
    )


def _is_too_large(service: CarrierService, line: LineDemand) -> bool:
    """Girth is the longest side and twice the two others, as carriers count it. What has no size fits."""
    if not line.sides_mm:
        return False
    longest, *others = sorted(line.sides_mm, reverse=True)
    if service.max_length_mm is not None and longest > service.max_length_mm:
        return True
    return service.max_girth_mm is not None and longest + 2 * sum(others) > service.max_girth_mm
