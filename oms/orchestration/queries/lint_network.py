"""Today's network, as far as a rule set's filters and objectives can be judged by configuration alone."""

from dataclasses import dataclass
from decimal import Decimal

from oms.core import clock
from oms.sourcing.facts import CARRY_OUT, E_RESERVATION, MODES, PICKUP, SHIP_TO_STORE
from oms.sourcing.rules import Filters, OrderConditions
from stock.models import SalesChannel, StockPoint


@dataclass(frozen=True, slots=True)
class LintedPoint:
    """One stock point that takes part today and feeds a channel the set is for."""

    code: str
    kind: str
    banner_id: int | None
    groups: frozenset[str]
    tags: frozenset[str]
    modes: frozenset[str]
    priority: int
    capacity: int | None
    handling_cost: Decimal
    decline_percent: Decimal
    has_place: bool


@dataclass(frozen=True, slots=True)
class LintedNetwork:
    """`banner_ids`: of the channels the set is for."""

    points: tuple[LintedPoint, ...]
    banner_ids: frozenset[int | None]

    def passing(self, filters: Filters) -> list[LintedPoint]:
        return [point for point in self.points if self._passes(filters, point)]

    def _passes(self, filters: Filters, point: LintedPoint) -> bool:
        """The filters that configuration alone answers."""
        return (
            (not filters.kinds or point.kind in filters.kinds)
            and (not filters.groups_any or not point.groups.isdisjoint(filters.groups_any))
            and point.groups.isdisjoint(filters.exclude_groups)
            and (not filters.stock_points or point.code in filters.stock_points)
            and point.code not in filters.exclude_stock_points
            and (not filters.tags_any or not point.tags.isdisjoint(filters.tags_any))
            and point.tags.isdisjoint(filters.exclude_tags)
            and (not filters.same_banner or point.banner_id in self.banner_ids)
            # What lies nowhere is near nothing.
            and (filters.within_km is None or point.has_place)
            and (point.capacity is None or point.capacity >= max(1, filters.min_capacity_left or 0))
        )


def linted_network(conditions: OrderConditions) -> LintedNetwork:
    """Three queries, whatever the network's size. Channels that do not exist are told elsewhere."""
    asked = SalesChannel.objects.all()
    if conditions.channels:
        asked = asked.filter(code__in=conditions.channels)
    if conditions.channel_kinds:
        asked = asked.filter(kind__in=conditions.channel_kinds)
    if conditions.banners:
        asked = asked.filter(banner__code__in=conditions.banners)
    channels = list(asked.values_list("pk", "serves_all_stock_points", "banner_id"))
    points = StockPoint.objects.open(at=clock.now()).prefetch_related("groups")
    if channels and not any(serves_all for _, serves_all, _ in channels):
        points = points.filter(channels__in=[pk for pk, *_ in channels]).distinct()
    modes = frozenset(conditions.modes or MODES)
    return LintedNetwork(
        points=tuple(point for point in map(_linted, points) if point.modes & modes),
        banner_ids=frozenset(banner_id for *_, banner_id in channels),
    )


def _linted(point: StockPoint) -> LintedPoint:
    return LintedPoint(
        code=point.code,
        kind=point.kind,
        banner_id=point.banner_id,
        groups=frozenset(group.code for group in point.groups.all()),
        tags=frozenset(point.tags),
        modes=_modes_of(point),
        priority=point.priority,
        capacity=point.daily_order_capacity,
        handling_cost=point.handling_cost,
        decline_percent=point.expected_decline_percent,
        has_place=point.latitude is not None and point.longitude is not None,
    )


def _modes_of(point: StockPoint) -> frozenset[str]:
    """By the services it offers; what is collected where it lies need not be shipped."""
    offers = {
        PICKUP: point.offers_pickup,
        E_RESERVATION: point.offers_reservation,
        SHIP_TO_STORE: point.ships_orders or point.offers_pickup,
        CARRY_OUT: True,
    }
    return frozenset(mode for mode in MODES if offers.get(mode, point.ships_orders))
