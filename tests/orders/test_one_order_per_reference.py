from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from orders.errors import DuplicateReference
from orders.models import Order, SimulatedTransaction
from orders.services.placing import find_or_place_order, place_order
from orders.services.requests import RequestedLine
from tests.factories.network import make_channel
from tests.orders.conftest import Shop
from tests.orders.making import request_for
from tests.stock.making import figures


def test_the_same_content_is_the_same_order(shop: Shop) -> None:
    request = request_for(shop.channel, {shop.skus[0]: 2})
    first, first_is_new = find_or_place_order(request=request)
    again, again_is_new = find_or_place_order(request=request)
    assert (first_is_new, again_is_new) == (True, False)
    assert (again.pk, again.number) == (first.pk, first.number)
    assert figures(shop.variants[0], shop.near) == (5, 2, 0)
    assert SimulatedTransaction.objects.count() == 1


def test_amounts_written_otherwise_are_the_same_content(shop: Shop) -> None:
    lines = [RequestedLine(shop.skus[0], 1, unit_price=Decimal("9.9"))]
    request = request_for(shop.channel, lines)
    first = place_order(request=request)
    other = replace(request, lines=(RequestedLine(shop.skus[0], 1, unit_price=Decimal("9.90")),))
    assert place_order(request=other).pk == first.pk


def test_other_content_is_refused(shop: Shop) -> None:
    request = request_for(shop.channel, {shop.skus[0]: 2})
    first = place_order(request=request)
    other = replace(request, lines=(RequestedLine(shop.skus[0], 3),))
    with pytest.raises(DuplicateReference) as refused:
        place_order(request=other)
    assert (refused.value.status, refused.value.data) == (409, {"number": first.number})
    assert figures(shop.variants[0], shop.near) == (5, 2, 0)
    assert Order.objects.count() == 1


def test_channels_have_their_own_references(shop: Shop) -> None:
    request = request_for(shop.channel, {shop.skus[0]: 1})
    first = place_order(request=request)
    other = place_order(request=replace(request, channel=make_channel().code))
    assert other.pk != first.pk


def test_a_repeat_finds_its_order_even_when_the_stock_is_gone(shop: Shop) -> None:
    request = request_for(shop.channel, {shop.skus[0]: 10})
    first = place_order(request=request)
    assert place_order(request=request).pk == first.pk
