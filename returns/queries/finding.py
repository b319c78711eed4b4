"""Finding what a return names: the order on a receipt, the place the goods go to."""

from __future__ import annotations

from django.db.models import QuerySet

from oms.core.access import EVERYTHING, Access
from orders.models import Fulfilment, Order
from orders.services.numbering import normalised
from returns.errors import AmbiguousReceipt, ReturnsNotAccepted, UnknownOrder, UnknownStockPoint
from returns.models import ReturnPolicy
from stock.models import StockPoint


def order_by_number(number: str, *, access: Access = EVERYTHING) -> Order:
    """The order of this number, in the channels the caller may see; raises `UnknownOrder`.

    Not limited to the caller's stock points: a customer brings goods to any store, and shows the number.
    """
    order = _orders(access).filter(number=normalised(number)).first()
    if order is None:
        raise UnknownOrder
    return order


def order_on_receipt(receipt: str, *, access: Access = EVERYTHING) -> Order:
    """The order a receipt speaks of: by the number printed on it, else by the channel's own reference.

    Raises `UnknownOrder`, or `AmbiguousReceipt` where several channels use the reference.
    """
    by_number = _orders(access).filter(number=normalised(receipt)).first()
    if by_number is not None:
        return by_number
    found = list(_orders(access).filter(external_reference=receipt.strip()).order_by("-pk")[:5])
    if not found:
        raise UnknownOrder
    if len(found) > 1:
        raise AmbiguousReceipt(data={"orders": [order.number for order in found]})
    return found[0]


def stock_point_taking_returns(code: str, *, access: Access = EVERYTHING) -> StockPoint:
    """One of the caller's own; raises `UnknownStockPoint` or `ReturnsNotAccepted`."""
    point = StockPoint.objects.visible_to(access).filter(code=code).first()
    if point is None:
        raise UnknownStockPoint(errors={"stock_point": [f"There is no stock point {code}."]})
    if not (point.is_active and point.accepts_returns):
        raise ReturnsNotAccepted(errors={"stock_point": [f"{code} takes no returns."]})
    return point


def postal_stock_point(order: Order, policy: ReturnPolicy) -> StockPoint | None:
    """Where goods sent by post go: as the policy says, else back to where most recently sent from."""
    if policy.postal_stock_point_id is not None:
        return policy.postal_stock_point
    works = Fulfilment.objects.filter(order=order, stock_point__accepts_returns=True, stock_point__is_active=True)
    work = works.select_related("stock_point").order_by("-pk").first()
    return work.stock_point if work is not None else None


def _orders(access: Access) -> QuerySet[Order]:
    orders = Order.objects.placed().select_related("channel")
    return orders if access.channels is None else orders.filter(channel_id__in=access.channels)
