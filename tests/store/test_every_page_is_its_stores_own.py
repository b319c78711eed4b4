"""Every address of the store's screens: whose it is, and that nobody else finds it.

A route that is not named here fails the tests: say here what it is about.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from orders.models import Parcel
from stock.models import StockPoint, Transfer, Variant
from stock.services.counting import add_counted, open_count
from stock.services.transferring import accept_transfer, ship_transfer
from tests.api.routes import patterns
from tests.factories.retailer import Json
from tests.stock.making import make_point, receive
from tests.store.making import Shop

pytestmark = pytest.mark.django_db

Answer = tuple[str, dict[str, Any]]
"""What is asked for: an address, and the fields of a form (empty: a page is opened)."""


def offered(shop: Shop) -> Json:
    return shop.offer({"shirt": 1})


def packed(shop: Shop) -> Json:
    return shop.retailer.pack(shop.retailer.pick(shop.retailer.accept(offered(shop))))


def waiting(shop: Shop) -> Json:
    order = shop.retailer.place({"shirt": 1}, mode="pickup", pickup_point="store-a")
    return shop.retailer.pick(shop.retailer.accept(shop.retailer.one_work(order["number"])))


def parcel(shop: Shop) -> int:
    packed(shop)
    return Parcel.objects.get().pk


def moving(shop: Shop, *, arrives: bool = False) -> Transfer:
    """Between store A and a third place, which is nobody's here."""
    point = make_point("store-c")
    store_a = StockPoint.objects.get(code="store-a")
    giver, receiver = (point, store_a) if arrives else (store_a, point)
    shirt = Variant.objects.get(sku="shirt")
    if arrives:
        receive(shirt, point, 5)
    made = Transfer.objects.create(
        reference="TR-A", variant=shirt, giver=giver, receiver=receiver, source="slow", quantity=2, unit_cost=1
    )
    accept_transfer(transfer_id=made.pk)
    return ship_transfer(transfer_id=made.pk) if arrives else made


def sheet(shop: Shop) -> int:
    shirt, store_a = Variant.objects.get(sku="shirt"), StockPoint.objects.get(code="store-a")
    opened = open_count(reference="count-a", stock_point=store_a)
    add_counted(stock_count=opened, variant=shirt)
    return opened.pk


# About one object of store A: store A's people see it (200, or 302 after a form), store B's do not (404).
OBJECTS: dict[str, Callable[[Shop], Answer]] = {
    "work": lambda shop: (reverse("store:work", args=[offered(shop)["id"]]), {}),
    "work-accept": lambda shop: (reverse("store:work-accept", args=[offered(shop)["id"]]), {"x": "1"}),
    "work-decline": lambda shop: (
        reverse("store:work-decline", args=[offered(shop)["id"]]),
        {"reason": "closed"},
    ),
    "work-pack": lambda shop: (
        reverse("store:work-pack", args=[shop.retailer.pick(shop.retailer.accept(offered(shop)))["id"]]),
        {},
    ),
    "work-hand-over": lambda shop: (reverse("store:work-hand-over", args=[packed(shop)["id"]]), {"x": "1"}),
    "parcel": lambda shop: (reverse("store:parcel", args=[parcel(shop)]), {}),
    "parcel-label": lambda shop: (reverse("store:parcel-label", args=[parcel(shop)]), {}),
    "parcel-label-picture": lambda shop: (reverse("store:parcel-label-picture", args=[parcel(shop)]), {}),
    "parcel-retry": lambda shop: (reverse("store:parcel-retry", args=[parcel(shop)]), {"x": "1"}),
    "counter-pickup": lambda shop: (reverse("store:counter-pickup", args=[waiting(shop)["id"]]), {}),
    "transfer-send": lambda shop: (reverse("store:transfer-send", args=[moving(shop).pk]), {"quantity": "1"}),
    "transfer-close": lambda shop: (
        reverse("store:transfer-close", args=[moving(shop, arrives=True).pk]),
        {"quantity": "1"},
    ),
    "count": lambda shop: (reverse("store:count", args=[sheet(shop)]), {}),
    "count-submit": lambda shop: (reverse("store:count-submit", args=[sheet(shop)]), {"x": "1"}),
    "counter-put-back": lambda shop: (reverse("store:counter-put-back", args=[waiting(shop)["id"]]), {}),
}
# Lists and forms of one's own store: what they show and do is tested with them.
OWN = {
    "home",
    "choose",
    "pause",
    "reopen",
    "prepare",
    "prepare-accept",
    "prepare-hand-over",
    "pick",
    "pick-scan",
    "manifest",
    "counter",
    "receive",
    "transfers",
    "counts",
    "level",
}
# The sale of one seller (tests/store/test_a_sale_is_its_sellers_own.py) and everybody's catalogue.
SALES = "sell"
# The returns taken back in a store have their own test of the same kind.
RETURNS = "return"
DOOR = {"sign-in", "sign-out"}


def routes() -> dict[str, str]:
    found = {}
    for route, pattern in patterns(get_resolver().url_patterns):
        if route.startswith("store/"):
            assert pattern.name, f"{route} has no name"
            found[pattern.name] = route
    return found


def named() -> list[str]:
    return [name for name in routes() if not name.startswith((SALES, RETURNS))]


def ask(browser: Client, answer: Answer) -> Any:
    address, fields = answer
    return browser.post(address, fields | {"action_key": str(uuid.uuid4())}) if fields else browser.get(address)


def test_every_page_is_named_here() -> None:
    assert sorted(named()) == sorted([*OBJECTS, *OWN, *DOOR])


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_anothers_object_is_not_found(shop: Shop, name: str) -> None:
    answer = OBJECTS[name](shop)
    assert ask(shop.stranger, answer).status_code == 404
    assert ask(Client(), answer)["Location"].startswith("/store/sign-in/?next=/store/")
    assert ask(shop.tablet, answer).status_code in (200, 302)


@pytest.mark.parametrize("arrives", [False, True])
@pytest.mark.parametrize("name", ["transfer-send", "transfer-close"])
def test_nobody_is_told_how_anothers_transfer_stands(shop: Shop, name: str, arrives: bool) -> None:
    answer = reverse(f"store:{name}", args=[moving(shop, arrives=arrives).pk]), {"quantity": "1"}
    assert ask(shop.stranger, answer).status_code == 404


@pytest.mark.parametrize("name", sorted(set(routes()) - DOOR))
def test_nobody_comes_in_without_signing_in(name: str) -> None:
    route = routes()[name]
    address = "/" + "/".join("1" if part.startswith("<") else part for part in route.split("/"))
    answer = Client().get(address)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/store/sign-in/")


def test_lists_hold_ones_own_work_only(shop: Shop) -> None:
    work, collected = packed(shop), waiting(shop)
    for name, number in {"prepare": work["order"], "manifest": work["order"], "counter": collected["order"]}.items():
        assert number in shop.tablet.get(reverse(f"store:{name}")).content.decode(), name
        assert number not in shop.stranger.get(reverse(f"store:{name}")).content.decode(), name


@pytest.mark.parametrize("name", ["prepare-accept", "prepare-hand-over", "pick", "pick-scan"])
def test_naming_anothers_work_moves_nothing(shop: Shop, name: str) -> None:
    states = {"prepare-accept": offered, "prepare-hand-over": packed}
    work = states.get(name, lambda shop: shop.retailer.accept(offered(shop)))(shop)
    fields = {"work": [work["id"]], "code": "shirt", "confirmed": "1"}
    assert ask(shop.stranger, (reverse(f"store:{name}"), fields)).status_code == 302
    assert shop.work(work["order"])["state"] == work["state"]
    assert ask(shop.tablet, (reverse(f"store:{name}"), fields)).status_code == 302
