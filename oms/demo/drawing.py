"""Orders as customers of the demo retailer place them, drawn: of three kinds of shops and all ways to receive."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import F

from oms.demo.catalogue import Article
from oms.demo.places import STORES, Site
from orders.services.requests import Address, Customer, OrderRequest, RequestedLine, RequestedPayment
from stock.models import StockLevel

FIRST_NAMES = ("Camille", "Louise", "Jules", "Inès", "Adam", "Chloé", "Gabriel", "Manon", "Rayan", "Alice")
LAST_NAMES = ("Martin", "Bernard", "Petit", "Robert", "Moreau", "Fournier", "Girard", "Lefèvre", "Benali", "Nguyen")
STREETS = ("rue de la République", "avenue Jean-Jaurès", "place du Marché", "rue Victor-Hugo", "quai des Fleurs")
# The stores that the demo's people work in: something must wait for them at any hour.
STAFFED = ("LILLE", "LYON-BELLECOUR")

# How it is bought and received, and how often.
ANYWHERE = (
    ("demo-web", "home", 44),
    ("demo-web", "express", 8),
    ("demo-web", "relay", 12),
    ("demo-web", "pickup", 16),
    ("demo-store", "ship_to_store", 8),
    ("demo-store", "home", 7),
    ("demo-call-centre", "home", 5),
)
STAFFED_WORK = (
    ("demo-web", "pickup", 36),
    ("demo-web", "e_reservation", 8),
    ("demo-store", "home", 38),
    ("demo-store", "ship_to_store", 18),
)
COLLECTED = ("pickup", "ship_to_store", "e_reservation")
RELAYS = ("Tabac de la Gare", "Pressing du Centre", "Librairie des Halles")
PAID = RequestedPayment("simulated", "card")
PAYMENTS = {"card": 92, "payment_link": 5, "card:unknown": 3}


@dataclass(frozen=True)
class Market:
    """What there is to draw from; `shelves` are the articles of the staffed stores."""

    catalogue: Sequence[Article]
    sold_out: Sequence[Article]
    stores: Sequence[Site]
    shelves: Mapping[str, Sequence[str]]


def market(catalogue: Sequence[Article], stores: Sequence[Site], *, sold_out: str) -> Market:
    """`sold_out` is the code of a product that was never in stock: its orders wait."""
    levels = StockLevel.objects.filter(
        stock_point__code__in=STAFFED,
        on_hand__gt=F("reserved") + F("unavailable") + F("protected"),
        variant__sku__startswith="D",
    )
    shelves: dict[str, list[str]] = {code: [] for code in STAFFED}
    for code, sku in levels.order_by("pk").values_list("stock_point__code", "variant__sku")[:2_000]:
        shelves[code].append(sku)
    return Market(
        catalogue=[article for article in catalogue if article.product_code != sold_out],
        sold_out=[article for article in catalogue if article.product_code == sold_out],
        stores=stores,
        shelves={code: skus for code, skus in shelves.items() if skus},
    )


def draw_request(reference: str, offered: Market, draw: random.Random, *, is_recent: bool) -> OrderRequest:
    """One order. Of the recent ones every second is work for a staffed store."""
    if is_recent and offered.shelves and draw.random() < 0.5:
        return _staffed_request(reference, offered, draw)
    channel, mode = _drawn(ANYWHERE, draw)
    bought = draw.sample(list(offered.catalogue), draw.choices([1, 2, 3], weights=[70, 20, 10])[0])
    skus = [article.sku for article in bought]
    if channel == "demo-web" and mode == "home" and offered.sold_out and draw.random() < 0.08:
        skus.append(draw.choice(list(offered.sold_out)).sku)
    store, home = draw.choice(list(offered.stores)), draw.choice(STORES)
    return _request(reference, channel, mode, skus, store=store, home=home, draw=draw)


def _staffed_request(reference: str, offered: Market, draw: random.Random) -> OrderRequest:
    """Collected at a staffed store, or sold elsewhere and nearest to one that has it."""
    channel, mode = _drawn(STAFFED_WORK, draw)
    code = draw.choice(sorted(offered.shelves))
    sites = {site.code: site for site in offered.stores}
    here, elsewhere = sites[code], draw.choice([site for site in offered.stores if site.code != code])
    skus = [draw.choice(list(offered.shelves[code]))]
    store = elsewhere if mode == "home" else here
    return _request(reference, channel, mode, skus, store=store, home=here, draw=draw)


def collected_request(reference: str, offered: Market, draw: random.Random, *, store: str, mode: str) -> OrderRequest:
    """Something of the shelf of a staffed store, to be collected there."""
    site = next(each for each in offered.stores if each.code == store)
    skus = [draw.choice(list(offered.shelves[store]))]
    request = _request(reference, "demo-web", mode, skus, store=site, home=site, draw=draw, payment=PAID)
    # There may be no more of it here, and the web would let the rest wait.
    return replace(request, lines=tuple(RequestedLine(sku, 1) for sku in skus))


def delivered_request(
    reference: str,
    offered: Market,
    draw: random.Random,
    *,
    skus: Sequence[str] = (),
    sold_at: str = "",
    payment: RequestedPayment | None = None,
) -> OrderRequest:
    """To a home near a store; bought on the web, or sold at a store."""
    home = draw.choice(STORES)
    store = next((site for site in offered.stores if site.code == sold_at), home)
    channel = "demo-store" if sold_at else "demo-web"
    skus = skus or [draw.choice(list(offered.catalogue)).sku]
    return _request(reference, channel, "home", skus, store=store, home=home, draw=draw, payment=payment or PAID)


def near_request(reference: str, offered: Market, draw: random.Random, *, store: str, sold_at: str) -> OrderRequest:
    """Something of a store's shelf, sold at another one and sent to a home around the corner."""
    sites = {site.code: site for site in offered.stores}
    sku = draw.choice(list(offered.shelves[store]))
    request = _request(
        reference, "demo-store", "home", [sku], store=sites[sold_at], home=sites[store], draw=draw, payment=PAID
    )
    return replace(request, lines=(RequestedLine(sku, 1),))


def sent_for_request(reference: str, offered: Market, draw: random.Random, *, store: str, shelf: str) -> OrderRequest:
    """Something of another store's shelf that this one, which sells it, does not have: sent here to be collected."""
    site = next(each for each in offered.stores if each.code == store)
    here = set(offered.shelves[store])
    sku = draw.choice([sku for sku in offered.shelves[shelf] if sku not in here])
    request = _request(reference, "demo-store", "ship_to_store", [sku], store=site, home=site, draw=draw, payment=PAID)
    return replace(request, lines=(RequestedLine(sku, 1),))


def _drawn(choices: Sequence[tuple[str, str, int]], draw: random.Random) -> tuple[str, str]:
    channel, mode, _ = draw.choices(choices, weights=[weight for *_, weight in choices])[0]
    return channel, mode


def _request(
    reference: str,
    channel: str,
    mode: str,
    skus: Sequence[str],
    *,
    store: Site,
    home: Site,
    draw: random.Random,
    payment: RequestedPayment | None = None,
) -> OrderRequest:
    name = f"{draw.choice(FIRST_NAMES)} {draw.choice(LAST_NAMES)}"
    is_collected = mode in COLLECTED
    method, _, token = draw.choices(list(PAYMENTS), weights=list(PAYMENTS.values()))[0].partition(":")
    paid = payment or RequestedPayment("simulated", method, token=token)
    return OrderRequest(
        channel=channel,
        external_reference=reference,
        mode=mode,
        customer=Customer(name=name, email=f"client-{reference}@example.org", phone="+33 6 12 34 56 78"),
        lines=tuple(RequestedLine(sku, draw.choices([1, 2], weights=[85, 15])[0]) for sku in skus),
        shipping_address=None if is_collected else _address(home, draw),
        pickup_point=store.code if is_collected else None,
        selling_stock_point=store.code if channel == "demo-store" else None,
        relay_point=draw.choice(RELAYS) if mode == "relay" else "",
        # What is only put aside is paid in the shop.
        payments=() if mode == "e_reservation" else (paid,),
        language=draw.choices(["fr", "en"], weights=[85, 15])[0],
    )


def _address(home: Site, draw: random.Random) -> Address:
    return Address(
        line1=f"{draw.randint(1, 120)} {draw.choice(STREETS)}",
        city=home.name,
        country="FR",
        postcode=home.postcode,
        latitude=home.latitude,
        longitude=home.longitude,
    )
