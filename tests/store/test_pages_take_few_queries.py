"""However much waits, a page asks the database as often."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core.bulk import Row
from stock.models import StockCount, StockPoint, Transfer, Variant
from stock.services.counting import open_count, write_counted
from stock.services.transferring import accept_transfer, ship_transfer
from tests.stock.making import receive
from tests.store.making import Shop


def queries(shop: Shop, address: str) -> int:
    shop.tablet.get(address)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert shop.tablet.get(address).status_code == 200
    return len(caught)


def work(shop: Shop) -> None:
    """One of each: offered, to be picked, to be packed, packed, ready for pickup."""
    retailer = shop.retailer
    shop.offer({"shirt": 2, "hat": 1})
    retailer.accept(shop.offer({"shirt": 1, "hat": 1}))
    retailer.pick(retailer.accept(shop.offer({"shirt": 1, "hat": 1})))
    retailer.pack(retailer.pick(retailer.accept(shop.offer({"shirt": 1, "hat": 1}))))
    order = retailer.place({"hat": 1}, mode="pickup", pickup_point="store-a")
    retailer.pick(retailer.accept(retailer.one_work(order["number"])))
    transfers()
    number = StockCount.objects.count()
    open_count(reference=f"count-{number}", stock_point=StockPoint.objects.get(code="store-a"))


def transfers() -> None:
    """One to be sent from store A, one on its way to it."""
    shirt, hat = (Variant.objects.get(sku=sku) for sku in ("shirt", "hat"))
    here, there = (StockPoint.objects.get(code=code) for code in ("store-a", "store-b"))
    receive(hat, there, 1)
    for variant, giver, receiver in ((shirt, here, there), (hat, there, here)):
        number = Transfer.objects.count()
        made = Transfer.objects.create(
            reference=f"TR-{number}",
            variant=variant,
            giver=giver,
            receiver=receiver,
            source="slow",
            quantity=1,
            unit_cost=1,
        )
        accept_transfer(transfer_id=made.pk)
        if giver == there:
            ship_transfer(transfer_id=made.pk)


ADDRESSES = [
    "/store/",
    "/store/prepare/",
    "/store/prepare/manifest/",
    "/store/counter/",
    "/store/receive/",
    "/store/stock/",
    "/store/stock/counts/",
]


def test_lists_do_not_ask_more_for_more(shop: Shop) -> None:
    work(shop)
    few = {address: queries(shop, address) for address in ADDRESSES}
    for _ in range(2):
        work(shop)
    assert {address: queries(shop, address) for address in ADDRESSES} == few
    assert max(few.values()) <= 30


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
    assert queries(shop, f"/store/prepare/{found['id']}/") == 10
