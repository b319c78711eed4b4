"""However much waits, a page asks the database as often."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

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


ADDRESSES = [
    "/store/",
    "/store/prepare/",
    "/store/prepare/manifest/",
    "/store/counter/",
    "/store/receive/",
    "/store/stock/",
]


def test_lists_do_not_ask_more_for_more(shop: Shop) -> None:
    work(shop)
    few = {address: queries(shop, address) for address in ADDRESSES}
    for _ in range(2):
        work(shop)
    assert {address: queries(shop, address) for address in ADDRESSES} == few
    assert max(few.values()) <= 30


def test_a_round_of_many_orders_asks_as_often_as_one_of_one(shop: Shop) -> None:
    works = [shop.retailer.accept(shop.offer({"shirt": 1, "hat": 1})) for _ in range(4)]
    one = queries(shop, f"/store/prepare/pick/?work={works[0]['id']}")
    assert queries(shop, "/store/prepare/pick/?" + "&".join(f"work={work['id']}" for work in works)) == one


@pytest.mark.parametrize("lines", [{"shirt": 1}, {"shirt": 2, "hat": 2}])
def test_the_page_of_one_work_asks_as_often_whatever_is_in_it(shop: Shop, lines: dict[str, int]) -> None:
    found = shop.offer(lines)
    assert queries(shop, f"/store/prepare/{found['id']}/") == 10
