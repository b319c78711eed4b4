"""Whatever field a scanner types into, it knows an article by its GTIN: with its leading zeros or without them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from oms.core.models import User
from oms.store.queries.codes import scanned
from stock.models import StockCount, StockPoint, Transfer, Variant
from stock.services.transferring import accept_transfer, ship_transfer
from tests.stock.making import make_variant
from tests.store.making import PREPARE, Shop, send, told, words
from tests.store.people import tablet

pytestmark = pytest.mark.django_db

# Kept with a zero before it, as twelve digits of an American label are; scanners and spreadsheets drop it.
GTIN = "0012345678905"
WAYS = [GTIN, "012345678905", "12345678905", "00012345678905"]


@pytest.fixture
def scanned_shop(shop: Shop) -> Shop:
    Variant.objects.filter(sku="shirt").update(gtin=GTIN)
    shop.retailer.add_channel("shops", kind="store")
    return shop


def delivered(shop: Shop) -> str:
    """The number of an order whose shirt is with its customer, collected in store A."""
    number = shop.retailer.place({"shirt": 1}, mode="pickup", pickup_point="store-a")["number"]
    ready = shop.retailer.pick(shop.retailer.accept(shop.retailer.one_work(number)))
    shop.retailer.move(ready, "collect", {"code": shop.retailer.code_for(ready)})
    return str(number)


def sell(shop: Shop, code: str) -> str:
    answer = shop.tablet.get("/store/sell/", {"q": code})
    return answer["Location"] if answer.status_code == 302 else ""


def pick(shop: Shop, code: str) -> str:
    work = shop.retailer.accept(shop.offer({"shirt": 2}))
    return told(shop.tablet, send(shop.tablet, f"{PREPARE}pick/scan/", {"code": code, "work": [work["id"]]}))


def counter(shop: Shop, code: str) -> str:
    number = shop.retailer.place({"shirt": 1}, mode="pickup", pickup_point="store-a")["number"]
    shop.retailer.pick(shop.retailer.accept(shop.retailer.one_work(number)))
    answer = shop.tablet.get("/store/counter/", {"q": code})
    return words(shop.tablet.get(answer["Location"])) if answer.status_code == 302 else ""


def find_return(shop: Shop, code: str) -> str:
    number = delivered(shop)
    page = words(shop.tablet.get("/store/returns/", {"q": code}))
    return page if number in page else ""


def ask_return(shop: Shop, code: str) -> str:
    answer = shop.tablet.get(reverse("store:return-ask", args=[delivered(shop)]), {"scanned": code})
    return answer["Location"] if answer.status_code == 302 else ""


def blind_return(shop: Shop, code: str) -> str:
    page = reverse("store:return-blind")
    shop.tablet.post(page, {"scan": "1", "scanned": code})
    return words(shop.tablet.get(page))


def count(shop: Shop, code: str) -> str:
    manager = tablet(role="store_manager", stock_points=("store-a",))
    send(manager, "/store/stock/counts/", {"category": ""})
    page = reverse("store:count", args=[StockCount.objects.get().pk])
    return told(shop.tablet, send(shop.tablet, page, {"code": code}))


def receive_transfer(shop: Shop, code: str) -> str:
    points = {point.code: point for point in StockPoint.objects.all()}
    made = Transfer.objects.create(
        reference="TR-A",
        variant=Variant.objects.get(sku="shirt"),
        giver=points["store-a"],
        receiver=points["store-b"],
        source="slow",
        quantity=2,
        unit_cost=1,
    )
    accept_transfer(transfer_id=made.pk)
    ship_transfer(transfer_id=made.pk)
    return told(shop.stranger, send(shop.stranger, "/store/receive/", {"scanned": code}))


def look_up(shop: Shop, code: str) -> str:
    return words(shop.tablet.get("/store/stock/level/", {"code": code}))


FIELDS: dict[str, tuple[Callable[[Shop, str], str], str]] = {
    "Order in Store": (sell, "sku=shirt"),
    "prepare": (pick, "Shirt (shirt): 1 of 2"),
    "counter": (counter, "Camille Martin"),
    "returns": (find_return, "Shirt"),
    "return of an order": (ask_return, "found=shirt"),
    "return without a receipt": (blind_return, "Shirt"),
    "count": (count, "Shirt: 1."),
    "receipt of a transfer": (receive_transfer, "1 of 2, for sale at once"),
    "stock room": (look_up, "Movements behind the 20 on hand"),
}


@pytest.mark.parametrize("code", WAYS)
@pytest.mark.parametrize("name", FIELDS)
def test_a_scanned_label_is_its_article(scanned_shop: Shop, name: str, code: str) -> None:
    field, said = FIELDS[name]
    assert said in field(scanned_shop, code)


@pytest.mark.parametrize("name", FIELDS)
def test_another_number_is_not(scanned_shop: Shop, name: str) -> None:
    field, said = FIELDS[name]
    code = "0012345678912"
    if name == "stock room":
        assert "is no article we know" in told(
            scanned_shop.tablet, scanned_shop.tablet.get("/store/stock/level/", {"code": code})
        )
    else:
        assert said not in field(scanned_shop, code)


def test_among_articles_the_one_whose_zeros_were_read_is_meant_and_no_other() -> None:
    long, short = make_variant("A", gtin=GTIN), make_variant("B", gtin="012345678905")
    for among in ([long, short], [short, long]):
        assert scanned(GTIN, among) == long
        assert scanned("012345678905", among) == short
    assert scanned("012345678905", [long]) is None
    assert scanned("00012345678905", [long]) == long


LISTS = {
    "stocklevel": "stock_stocklevel",
    "variant": "stock_variant",
    "stockmovement": "stock_stockmovement",
}


@pytest.mark.parametrize("code", [*WAYS, "SHIRT"])
@pytest.mark.parametrize("name", LISTS)
def test_the_lists_of_the_admin_know_it_too(scanned_shop: Shop, name: str, code: str) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("admin"))
    page = client.get(reverse(f"admin:{LISTS[name]}_changelist"), {"q": code})
    (found,) = page.context["cl"].result_list
    assert getattr(found, "variant", found).sku == "shirt"
