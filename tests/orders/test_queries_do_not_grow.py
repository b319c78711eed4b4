"""The number of queries is the same for one and for many."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Order
from orders.queries.documents import listed_orders, order_documents
from orders.services.sourcing import source_order
from tests.factories.clients import api_client
from tests.factories.network import make_channel, make_stock_point, make_variants
from tests.orders.conftest import Shop
from tests.orders.making import CARD, place
from tests.stock.making import receive


def queries_of(action: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        action()
    return [query["sql"] for query in captured.captured_queries]


def count_of(action: Callable[[], object]) -> int:
    return len(queries_of(action))


def wide_shop(lines: int) -> tuple[object, dict[str, int]]:
    point = make_stock_point()
    variants = make_variants(lines)
    for variant in variants:
        receive(variant, point, 100)
    return make_channel(stock_points=[point]), {variant.sku: 1 for variant in variants}


def test_placing_one_line_or_ten(shop: Shop) -> None:
    small, one = wide_shop(1)
    large, ten = wide_shop(9)
    place(small, one)
    place(large, ten)
    counts = {count_of(lambda: place(small, one)), count_of(lambda: place(large, ten))}
    assert len(counts) == 1, counts
    assert counts.pop() <= 30


def test_sourcing_one_line_or_ten(shop: Shop) -> None:
    small, one = wide_shop(1)
    large, ten = wide_shop(9)
    counts = set()
    for channel, lines in ((small, one), (large, ten)):
        first, second = place(channel, lines), place(channel, lines)
        source_order(order_id=first.pk)
        counts.add(count_of(lambda order=second: source_order(order_id=order.pk)))
    assert len(counts) == 1, counts


def test_one_order_in_the_list_or_twenty(shop: Shop) -> None:
    api = api_client("orders:read")
    place(shop.channel, {shop.skus[0]: 1})
    api.get("/orders/")
    few = count_of(lambda: api.get("/orders/"))
    for _ in range(4):
        place(shop.channel, dict.fromkeys(shop.skus, 1), payments=(CARD,))
    many = count_of(lambda: api.get("/orders/"))
    assert many == few
    assert count_of(lambda: order_documents(listed_orders().filter(pk__in=Order.objects.values("pk")))) == 5
