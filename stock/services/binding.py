"""What an API client's key is bound to."""

from collections.abc import Iterable

from django.db import transaction

from oms.core.audit import record_audit
from oms.core.models import ApiClient
from stock.errors import UnknownChannel, UnknownStockPoint
from stock.models import ClientAccess
from stock.queries.codes import channels_by_code, stock_points_by_code


@transaction.atomic
def bind_client(*, client: ApiClient, channels: Iterable[str] = (), stock_points: Iterable[str] = ()) -> ClientAccess:
    """Bind the client to the channels and stock points of these codes, instead of what it was bound to.

    None given of a kind: it sees all of that kind.
    """
    channel_codes, point_codes = set(channels), set(stock_points)
    known_channels, known_points = channels_by_code(channel_codes), stock_points_by_code(point_codes)
    for code in sorted(channel_codes - known_channels.keys()):
        raise UnknownChannel(f"There is no sales channel {code}.")
    for code in sorted(point_codes - known_points.keys()):
        raise UnknownStockPoint(f"There is no stock point {code}.")
    access, _ = ClientAccess.objects.update_or_create(
        client=client,
        defaults={"sees_all_channels": not channel_codes, "sees_all_stock_points": not point_codes},
    )
    access.channels.set(known_channels.values())
    access.stock_points.set(known_points.values())
    record_audit(
        "api_client.bound",
        subject=client.actor,
        changes={"channels": sorted(channel_codes), "stock_points": sorted(point_codes)},
    )
    return access
