"""A part that was carried out or collected was not sent."""

from __future__ import annotations

import pytest
from django.utils import translation

from oms.public.tracking import tracked_order
from orders.models import Allocation, Order
from orders.queries.tracking_links import order_of_token, tracking_token
from orders.services.requests import RequestedLine
from tests.orders.conftest import Shop, shop
from tests.orders.making import place
from tests.stock.making import receive

__all__ = ["shop"]

_SENT = ("assigned", "picked", "packed", "shipped")
# Only legal moves are written.
ON_THE_WAY = {"shipped": _SENT, "delivered": (*_SENT, "delivered")}


@pytest.mark.parametrize(
    ("states", "title"),
    [
        (["collected", "reserved"], "You have taken a part of your order along"),
        (["reserved", "collected"], "You have collected a part of your order"),
        (["collected", "shipped"], "A part of your order has left"),
        (["reserved", "delivered"], "A part of your order is with you"),
    ],
)
def test_the_customers_headline_tells_what_became_of_a_part(shop: Shop, states: list[str], title: str) -> None:
    """The first line is carried out, the second sent or collected."""
    first, second, third = shop.skus
    receive(shop.variants[0], shop.store, 1)
    lines = [RequestedLine(first, 1, mode="carry_out"), RequestedLine(second, 1), RequestedLine(third, 1)]
    order = place(shop.channel, lines, selling_stock_point=shop.store.code)
    pieces = list(Allocation.objects.filter(line__order=order).order_by("line__position"))
    for piece, state in zip(pieces, states, strict=False):
        for step in ON_THE_WAY.get(state, (state,)):
            Allocation.objects.filter(pk=piece.pk).update(state=step)
    Order.objects.filter(pk=order.pk).update(state="partially_fulfilled")
    with translation.override("en"):
        assert tracked_order(order_of_token(tracking_token(order.number))).title == title
