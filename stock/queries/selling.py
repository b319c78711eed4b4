"""Through which channel a person sells."""

from __future__ import annotations

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from oms.core.access import Access
from stock.models import SalesChannel, StockPoint
from stock.models.channels import ChannelKind


def channel_of_seller(*, stock_point: StockPoint | None, access: Access) -> SalesChannel | None:
    """The shops' channel that the stock point feeds, of its own banner rather than of none; by telephone the
    call centre's. Among equals the first code. None where the retailer has no such channel.
    """
    kind = ChannelKind.CALL_CENTRE if stock_point is None else ChannelKind.STORE
    channels = SalesChannel.objects.visible_to(access).filter(kind=kind).select_related("banner")
    if stock_point is None:
        return channels.order_by("code").first()
    feeding = SalesChannel.stock_points.through.objects.filter(saleschannel=OuterRef("pk"), stockpoint=stock_point.pk)
    channels = channels.filter(Q(serves_all_stock_points=True) | Exists(feeding))
    if stock_point.banner_id is None:
        return channels.order_by("code").first()
    own_first = Case(
        When(banner_id=stock_point.banner_id, then=Value(0)),
        When(banner__isnull=True, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return channels.order_by(own_first, "code").first()
