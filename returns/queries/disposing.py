"""Where units of a grade should go, by the banner's rules and the network's stock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import F

from returns.models import ReturnPolicy
from returns.models.policies import Destination
from returns.states import DispositionKind
from stock.models import StockLevel, StockPoint


@dataclass(frozen=True, slots=True)
class Proposal:
    """`destination`: where units that travel are to be sent."""

    kind: str
    destination: StockPoint | None = None


def proposals(
    *, policy: ReturnPolicy, point: StockPoint, pairs: Collection[tuple[int, str]]
) -> dict[tuple[int, str], Proposal]:
    """What becomes of each (variant, grade) received at the point; two queries at most."""
    wanted = {pair: policy.destination_of(pair[1]) for pair in pairs}
    needing = {variant for (variant, _), goes_to in wanted.items() if goes_to == Destination.WHERE_NEEDED}
    lacking = _stores_lacking(needing, point) if needing else {}
    warehouse = _warehouse(point) if Destination.WAREHOUSE in wanted.values() else None
    return {pair: _proposal(pair[0], goes_to, lacking, warehouse, point) for pair, goes_to in wanted.items()}


def destination_for(kind: str, variant_id: int, point: StockPoint) -> StockPoint | None:
    """Where units travel that somebody decided to send away, against the proposal or not."""
    if kind == DispositionKind.STORE:
        return _stores_lacking({variant_id}, point).get(variant_id)
    return _warehouse(point) if kind == DispositionKind.WAREHOUSE else None


def _proposal(
    variant_id: int,
    goes_to: str,
    lacking: Mapping[int, StockPoint],
    warehouse: StockPoint | None,
    point: StockPoint,
) -> Proposal:
    if goes_to == Destination.WHERE_NEEDED:
        store = lacking.get(variant_id)
        return Proposal(DispositionKind.SHELF) if store is None else Proposal(DispositionKind.STORE, store)
    if goes_to == Destination.WAREHOUSE:
        # What already is in a warehouse stays on its shelf.
        return Proposal(DispositionKind.SHELF) if warehouse is None else Proposal(DispositionKind.WAREHOUSE, warehouse)
    return Proposal(DispositionKind(goes_to))


def _stores_lacking(variant_ids: Collection[int], point: StockPoint) -> dict[int, StockPoint]:
    """For each variant the first store of the point's banner that keeps it and has none left, where the point has."""
    here = set(
        StockLevel.objects.filter(variant__in=variant_ids, stock_point=point)
        .filter(on_hand__gt=F("reserved") + F("unavailable"))
        .values_list("variant_id", flat=True)
    )
    empty = (
        StockLevel.objects.filter(variant__in=here)
        .filter(on_hand__lte=F("reserved") + F("unavailable"))
        .filter(stock_point__kind="store", stock_point__is_active=True, stock_point__banner=point.banner)
        .exclude(stock_point=point)
        .select_related("stock_point")
        .order_by("variant_id", "stock_point__priority", "stock_point__code")
        .distinct("variant_id")
    )
    return {level.variant_id: level.stock_point for level in empty}


def _warehouse(point: StockPoint) -> StockPoint | None:
    """The first warehouse that takes returns; none for goods that are in one."""
    if point.kind == "warehouse":
        return None
    warehouses = StockPoint.objects.filter(kind="warehouse", is_active=True, accepts_returns=True)
    own = warehouses.filter(banner_id=point.banner_id) if point.banner_id else warehouses
    return own.order_by("priority", "code").first() or warehouses.order_by("priority", "code").first()
