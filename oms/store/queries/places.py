"""At which stock points a person may work."""

from __future__ import annotations

from dataclasses import dataclass

from oms.core.access import Access
from stock.models import StockPoint
from stock.models.stock_points import StockPointKind, StockPointQuerySet

_PREPARING = (StockPointKind.STORE, StockPointKind.WAREHOUSE)


@dataclass(frozen=True)
class Places:
    """Stock points to choose from; none is chosen for somebody who sees several."""

    found: StockPointQuerySet
    only: StockPoint | None
    are_many: bool

    def chosen(self, code: str | None) -> StockPoint | None:
        """The one of this code if it is among them; else the only one there is."""
        if self.only is not None or not code:
            return self.only
        return self.found.filter(code=code).first()


def places_of(access: Access) -> Places:
    """Stores and warehouses that take part, of those the access covers."""
    found = StockPoint.objects.visible_to(access).filter(is_active=True, kind__in=_PREPARING)
    first = list(found.order_by("name", "code")[:2])
    return Places(found, first[0] if len(first) == 1 else None, len(first) > 1)
