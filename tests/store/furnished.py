"""A shop in which every screen that can be opened has something to show, and where each of them stands.

`SCREENS` names every address with a page, `NO_SCREEN` the others and why; a route in neither fails the tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, get_resolver, reverse

from oms.core.models import User
from orders.models import Order, Parcel
from orders.queries.payment_links import payment_token
from orders.queries.tracking_links import tracking_token
from returns.services.approving import set_pin
from stock.models import StockPoint, Transfer, Variant
from stock.services.counting import add_counted, open_count
from stock.services.transferring import accept_transfer, ship_transfer
from tests.api.routes import patterns
from tests.factories.retailer import LILLE, PARIS, Json, Retailer, answered
from tests.store.people import person
from tests.store.selling import CUSTOMER, Tablet

HERE, THERE = "lille", "paris"
Addresses = dict[str, str]
Units = dict[str, int]

# Addresses that answer no page of their own: what they are instead.
NO_SCREEN = {
    "sign-out": "a form",
    "reopen": "a form",
    "prepare-accept": "a form",
    "pick-scan": "a form",
    "prepare-hand-over": "a form",
    "work-accept": "a form",
    "work-hand-over": "a form",
    "parcel-label": "a PDF",
    "parcel-label-picture": "a picture",
    "parcel-retry": "a form",
    "sell-line-add": "a form",
    "sell-line-change": "a form",
    "sell-basket-empty": "a form",
    "sell-destination": "a form",
    "sell-terminal": "a form",
    "sell-pay-again": "a form",
    "sell-link-mail": "a form",
    "sell-abandon": "a form",
    "sell-again": "a form",
    "sell-receipt-mail": "a form",
    "return-inspect": "a form",
    "return-match": "a form",
    "return-cancel": "a form",
    "return-refund": "a form",
    "transfer-send": "a form",
    "transfer-close": "a form",
    "count-submit": "a form",
    # In tests/browser/test_order_in_store.py, where a carrier has relay points and hours.
    "sell-delivery-details": "a page that only some deliveries have",
}
# Their pages are visited by whoever is not signed in.
BEFORE_THE_DOOR = {"sign-in"}


@dataclass(frozen=True, slots=True)
class Furnished:
    manager: User
    addresses: Addresses


def routes(prefix: str = "store/") -> dict[str, URLPattern]:
    found = patterns(get_resolver().url_patterns)
    return {str(pattern.name): pattern for route, pattern in found if route.startswith(prefix)}


def furnish(retailer: Retailer, many: int = 1) -> Furnished:
    """Lille has work of every kind, `many` times and of so many articles; its manager is selling and has sold."""
    hats = [f"hat-{number}" for number in range(many)]
    retailer.add_points([HERE], name="Lille", **LILLE)
    retailer.add_points([THERE], name="Paris Marais", **PARIS)
    retailer.add_articles(["shirt"], gtin="4006381333931")
    for size, sku in enumerate(hats, start=50):
        retailer.add_articles([sku], product={"code": "HAT", "name": "Hat"}, size=str(size))
    retailer.report("receipt", {(sku, HERE): 90 for sku in ("shirt", *hats)})
    retailer.report("receipt", {(sku, THERE): 5 for sku in hats})
    retailer.add_channel("order-in-store", kind="store")
    manager = person(role="store_manager", stock_points=(HERE,))
    set_pin(user=manager, pin="274951")
    bought = {"shirt": 2, **dict.fromkeys(hats, 1)}
    addresses = dict(_plain())
    for number in range(many):
        addresses |= _work(retailer, bought) | _returns(retailer, bought) | _stock_room(hats, number)
    return Furnished(manager, addresses | _sales(manager, hats))


def _at(name: str, *args: object) -> str:
    return reverse(f"store:{name}", args=args)


def _plain() -> Iterator[tuple[str, str]]:
    names = ("home", "choose", "pause", "prepare", "manifest", "counter", "receive", "transfers", "counts")
    for name in (*names, "sell", "returns", "return-blind", "return-pin"):
        yield name, _at(name)
    yield "level", _at("level") + "?code=shirt"


def _offered(retailer: Retailer, bought: Units) -> Json:
    return retailer.one_work(retailer.place(bought)["number"])


def _work(retailer: Retailer, bought: Units) -> Addresses:
    offered, to_pick = _offered(retailer, bought), retailer.accept(_offered(retailer, bought))
    to_pack = retailer.pick(retailer.accept(_offered(retailer, bought)))
    retailer.pack(retailer.pick(retailer.accept(_offered(retailer, bought))))
    retailer.drain()
    order = retailer.place(bought, mode="pickup", pickup_point=HERE)
    waiting = retailer.pick(retailer.accept(retailer.one_work(order["number"])))
    retailer.drain()
    return {
        "work": _at("work", offered["id"]),
        "work-decline": _at("work-decline", offered["id"]) + "?reason=not_found",
        "pick": _at("pick") + f"?work={to_pick['id']}",
        "work-pack": _at("work-pack", to_pack["id"]) + "?parcels=2",
        "parcel": _at("parcel", Parcel.objects.latest("pk").pk),
        "counter-pickup": _at("counter-pickup", waiting["id"]),
        "counter-put-back": _at("counter-put-back", waiting["id"]),
    }


def _returns(retailer: Retailer, bought: Units) -> Addresses:
    begun, graded, refunded = (_brought_back(retailer, bought) for _ in range(3))
    for returned in (graded, refunded):
        answered(retailer.api.post(f"/returns/{returned}/receive/", {}), 200)
        found = [{"sku": sku, "quantity": units, "grade": "new"} for sku, units in bought.items()]
        answered(retailer.api.post(f"/returns/{returned}/inspect/", {"lines": found}), 200)
    retailer.drain()
    answered(retailer.api.post(f"/returns/{refunded}/refund/", {}), 200)
    retailer.drain()
    return {
        "return-ask": _at("return-ask", _carried_out(retailer, bought)["number"]),
        "return": _at("return", begun),
        "return-exchange": _at("return-exchange", graded),
        "return-receipt": _at("return-receipt", refunded),
    }


def _carried_out(retailer: Retailer, bought: Units) -> Json:
    order = retailer.place(bought, mode="carry_out", selling_stock_point=HERE)
    retailer.drain()
    return order


def _brought_back(retailer: Retailer, bought: Units) -> str:
    lines = [{"sku": sku, "quantity": units, "reason": "too_small"} for sku, units in bought.items()]
    asked = {"order": _carried_out(retailer, bought)["number"], "way": "store", "stock_point": HERE, "lines": lines}
    number: str = answered(retailer.api.post("/returns/", asked), 201)["number"]
    return number


def _stock_room(hats: list[str], number: int) -> Addresses:
    here, there = (StockPoint.objects.get(code=code) for code in (HERE, THERE))
    hat = Variant.objects.get(sku=hats[number])
    for giver, receiver in [(here, there), (there, here)]:
        made = Transfer.objects.create(
            reference=f"TR-{giver.code}-{number}",
            variant=hat,
            giver=giver,
            receiver=receiver,
            source="slow",
            quantity=2,
            unit_cost=1,
        )
        accept_transfer(transfer_id=made.pk)
        if giver == there:
            ship_transfer(transfer_id=made.pk)
    opened = open_count(reference=f"count-{number}", stock_point=here)
    add_counted(stock_count=opened, variant=hat)
    return {"count": _at("count", opened.pk)}


def _sales(manager: User, hats: list[str]) -> Addresses:
    tablet = Tablet()
    tablet.http.force_login(manager)
    variants = list(Variant.objects.filter(sku__in=hats))
    hat = variants[0]
    waiting = tablet.sold(hat, means="link")
    paid = tablet.sold(hat)
    tablet.post("sell-terminal", paid.number, card="accepted")
    assert Order.objects.get(pk=paid.pk).state == "confirmed"
    for variant in variants:
        tablet.add(variant)
    tablet.delivered_home()
    tablet.post("sell-customer", **CUSTOMER)
    names = ("sell-basket", "sell-delivery", "sell-customer", "sell-payment")
    return {
        **{name: _at(name) for name in names},
        "sell-product": _at("sell-product", hat.product.code),
        "sell-outcome": _at("sell-outcome", waiting.number),
        "sell-receipt": _at("sell-receipt", paid.number),
    }


def customers_pages() -> Addresses:
    """Of an order that is followed and of one that is paid by a link; what a broken link says."""
    waiting = Order.objects.filter(state="pending_payment").latest("pk")
    sent = Order.objects.filter(state="in_progress").first()
    assert sent is not None
    return {
        "find": reverse("public:find"),
        "order": reverse("public:order", args=[tracking_token(sent.number)]),
        "pay": reverse("public:pay", args=[payment_token(waiting.number)]),
    }
