"""The configured network as the engine knows it, prepared once for each version of the configuration."""

from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from oms.orchestration.deciding import KnownNetwork
from oms.sourcing.calendars import work_calendar
from oms.sourcing.facts import ChannelFacts, Network, StockPointFacts
from oms.sourcing.house import house_from_settings
from stock.models import SalesChannel, StockPoint
from stock.queries.network import channel_stock_points

_KEPT_NETWORKS = 64


def known_network(*, version: UUID | None, channel_id: int, also: frozenset[int]) -> KnownNetwork:
    """The stock points that feed the channel, and `also` these: where it is sold or collected.

    `version` is the present `network_version()`; the same one gives the same object, on which the
    engine keeps its arrays.
    """
    if version is None:
        return _built(channel_id, also)
    return _kept(version, channel_id, also)


@lru_cache(maxsize=_KEPT_NETWORKS)
def _kept(version: UUID, channel_id: int, also: frozenset[int]) -> KnownNetwork:
    feeding = {point.pk for point in channel_stock_points(channel_id)}
    if also and also <= feeding:
        return _kept(version, channel_id, frozenset())
    return _built(channel_id, also)


def _built(channel_id: int, also: frozenset[int]) -> KnownNetwork:
    channel = SalesChannel.objects.select_related("banner").get(pk=channel_id)
    feeding = channel_stock_points(channel_id)
    known = {point.pk for point in feeding}
    guests = list(_with_relations(also - known)) if also - known else []
    points = [*feeding, *guests]
    return KnownNetwork(
        network=Network(tuple(map(_facts_of, points)), house=house_from_settings(settings.HOUSE_SERVICE)),
        channel=ChannelFacts(
            code=channel.code,
            kind=channel.kind,
            banner=channel.banner.code if channel.banner else None,
            stock_points=tuple(sorted(point.code for point in feeding)) if guests else None,
        ),
        currency=channel.currency,
        codes={point.pk: point.code for point in points},
        ids={point.code: point.pk for point in points},
        capacities={point.pk: point.daily_order_capacity for point in points if point.daily_order_capacity is not None},
        timezones={point.pk: point.timezone for point in points},
    )


def _with_relations(ids: Iterable[int]) -> Iterable[StockPoint]:
    return StockPoint.objects.filter(pk__in=ids).select_related("banner").prefetch_related("groups").order_by("code")


def _facts_of(point: StockPoint) -> StockPointFacts:
    return StockPointFacts(
        code=point.code,
        kind=point.kind,
        country=point.country,
        timezone=point.timezone,
        latitude=point.latitude,
        longitude=point.longitude,
        banner=point.banner.code if point.banner else None,
        groups=tuple(sorted(group.code for group in point.groups.all())),
        tags=tuple(sorted(point.tags)),
        priority=point.priority,
        is_active=point.is_active,
        paused_until=point.paused_until,
        ships_orders=point.ships_orders,
        offers_pickup=point.offers_pickup,
        offers_reservation=point.offers_reservation,
        takes_orders=point.takes_orders,
        handling_cost=point.handling_cost,
        preparation_minutes=point.preparation_minutes,
        calendar=work_calendar(point.opening_hours, point.closed_on, point.cut_off),
    )
