"""Under which name an order's customer knows us."""

from __future__ import annotations

from orders.models import Order
from stock.models import Banner


def banner_of(order: Order) -> Banner | None:
    """The channel's banner, else the pick-up store's; read with `select_related` of both."""
    return order.channel.banner or (order.pickup_point.banner if order.pickup_point else None)


def shop_name(order: Order) -> str:
    banner = banner_of(order)
    return banner.name if banner else order.channel.name
