"""However much waits, a page asks the database as often."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core.bulk import Row
from stock.models import StockPoint, Variant
from stock.services.counting import open_count, write_counted
from tests.stock.making import receive
from tests.store.making import Shop


def queries(shop: Shop, address: str) -> int:
    shop.tablet.get(address)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert shop.tablet.get(address).status_code == 200
    return len(caught)


def test_a_count_of_more_articles_asks_as_often(shop: Shop) -> None:
    here = StockPoint.objects.get(code="store-a")
    one = open_count(reference="one", stock_point=here, category="none such")
    receive(Variant.objects.get(sku="shoe"), here, 1)
    many = open_count(reference="many", stock_point=here)
    write_counted(stock_count=one, rows=[Row(0, {"sku": "shoe", "counted": 1})])
    few = queries(shop, f"/store/stock/counts/{one.pk}/")
    assert many.lines.count() == 3
    assert queries(shop, f"/store/stock/counts/{many.pk}/") == few


def test_a_round_of_many_orders_asks_as_often_as_one_of_one(shop: Shop) -> None:
    works = [shop.retailer.accept(shop.offer({"shirt": 1, "hat": 1})) for _ in range(4)]
    one = queries(shop, f"/store/prepare/pick/?work={works[0]['id']}")
    assert queries(shop, "/store/prepare/pick/?" + "&".join(f"work={work['id']}" for work in works)) == one


@pytest.mark.parametrize("lines", [{"shirt": 1}, {"shirt": 2, "hat": 2}])
def test_the_page_of_one_work_asks_as_often_whatever_is_in_it(shop: Shop, lines: dict[str, int]) -> None:
    found = shop.offer(lines)
    # Four of them say how long the others may take: within a test that is a savepoint and two settings.
    assert queries(shop, f"/store/prepare/{found['id']}/") == 14
