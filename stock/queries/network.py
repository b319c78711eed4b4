"""The configured network, kept in memory as long as nobody changes it."""

from uuid import UUID

from django.db.models import Prefetch

from stock.models import NetworkVersion, SalesChannel, StockPoint

_points_of: dict[int, tuple[UUID, list[StockPoint]]] = {}


def network_version() -> UUID | None:
    """Changes with every write to stock points, their groups, banners and channels; None before the first."""
    return NetworkVersion.objects.values_list("version", flat=True).first()


def channel_stock_points(channel_id: int) -> list[StockPoint]:
    """Every stock point that feeds the channel, closed ones included, by priority, then code.

    With banner and groups loaded. The objects are shared between callers: read them, never change them.
    """
    version = network_version()
    kept = _points_of.get(channel_id)
    if version is not None and kept is not None and kept[0] == version:
        return kept[1]
    points = _points_feeding(channel_id)
    if version is not None:
        _points_of[channel_id] = (version, points)
    return points


def _points_feeding(channel_id: int) -> list[StockPoint]:
    points = StockPoint.objects.select_related("banner").prefetch_related(Prefetch("groups"))
    channel = SalesChannel.objects.only("serves_all_stock_points").get(pk=channel_id)
    if not channel.serves_all_stock_points:
        points = points.filter(channels=channel_id)
    return list(points.order_by("priority", "code"))
