"""A small French retailer to look at: its network, catalogue, stock, rules and people, and orders in every state."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from oms.core import clock
from oms.demo import configuring
from oms.demo.bulk_stock import write_opening_stock
from oms.demo.carriers import pick_ups_for, services_for
from oms.demo.catalogue import Article, articles
from oms.demo.drawing import market
from oms.demo.past_orders import place_past_orders
from oms.demo.past_returns import SENT_WITHIN_DAYS, return_some
from oms.demo.people import create_people
from oms.demo.places import CITY, FLAGSHIP, GROUPS, SMALL, STORES, SUPPLIER, WAREHOUSES, Site, many_stores
from oms.demo.rule_sets import DOCUMENTS
from oms.demo.rule_sets_to_learn_from import keep_rule_sets_to_learn_from
from oms.demo.stock_room import furnish_stock_room
from oms.demo.stories import tell_stories
from oms.demo.tills import sold_at_tills
from oms.demo.towns import TOWNS
from oms.demo.written_deliveries import write_past_deliveries
from oms.orchestration.services.learning import refresh_learned_times
from oms.orchestration.services.pacing import refresh_selling_paces
from oms.orchestration.services.rule_sets import publish, save_draft
from returns.models import ReturnPolicy
from stock.models import Banner, ProtectionRule, StockPointGroup
from stock.services.protecting import apply_pending_protection
from stock.services.protection_rules import save_rule

BANNER = "demo"
HOURS = {day: [["10:00", "19:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
# How likely a store has an article at all, and how many units at most.
ASSORTMENT = {FLAGSHIP: (0.8, 6), CITY: (0.5, 4), SMALL: (0.3, 3)}
WAREHOUSE_UNITS = 40


@dataclass(frozen=True, slots=True)
class Size:
    """How much of the retailer is made."""

    products: int
    stores: int
    orders: int
    is_bulk: bool = False


SIZES = {
    "tiny": Size(products=20, stores=8, orders=12),
    "small": Size(products=400, stores=60, orders=110),
    "large": Size(products=10_000, stores=497, orders=60, is_bulk=True),
}


def seed(*, size: Size, seed: int, say: Callable[[str], None]) -> bool:
    """Make the retailer; False when there is one already, and then nothing is changed."""
    if Banner.objects.filter(code=BANNER).exists():
        return False
    draw = random.Random(seed)  # noqa: S311 (a reproducible demonstration, not a secret)
    catalogue = list(articles(size.products))
    stores = many_stores(size.stores) if size.stores >= len(STORES) else _spread(size.stores)
    say(f"{len(catalogue)} variants, {len(stores)} stores")
    _configure(catalogue, stores)
    _protect()
    say("stock")
    if size.is_bulk:
        write_opening_stock(seed=seed, say=say)
    else:
        configuring.movements(_stock(catalogue, stores, draw))
        configuring.movements(sold_at_tills(catalogue[:-1], stores, seed=seed))
    configuring.expected_receipts(_expected(catalogue))
    for document in DOCUMENTS:
        save_draft(code=document["code"], document=document)
        publish(code=document["code"])
    ReturnPolicy.objects.create(banner=Banner.objects.get(code=BANNER), send_within_days=SENT_WITHIN_DAYS)
    create_people()
    say(f"{size.orders} past orders")
    offered = market(catalogue, stores, sold_out=_sold_out(catalogue))
    place_past_orders(count=size.orders, offered=offered, draw=draw)
    if size.orders:
        # Of what is left on the shelves.
        left = market(catalogue, stores, sold_out=_sold_out(catalogue))
        tell_stories(offered=left, draw=draw)
    return_some()
    if size.orders:
        # After the returns, which take the oldest of what was lived through.
        say(f"{write_past_deliveries(draw=draw)} past deliveries")
    # What its past orders teach is there to be seen, before the hour is full.
    refresh_learned_times()
    refresh_selling_paces()
    keep_rule_sets_to_learn_from()
    if not size.is_bulk:
        # Of five million levels it is the nightly task's to propose.
        say("transfers, purchases and a stock count")
        furnish_stock_room()
    return True


def _expected(catalogue: list[Article]) -> Iterator[dict[str, Any]]:
    """Half of what was never in stock is ordered from the supplier, and comes next week and the week after."""
    sold_out = _sold_out(catalogue)
    missing = [article for article in catalogue if article.product_code == sold_out]
    for article in missing[: max(1, len(missing) // 2)]:
        for number, days in enumerate((6, 13), start=1):
            yield {
                "reference": f"PO-{article.sku}-{number}",
                "sku": article.sku,
                "stock_point": WAREHOUSES[0].code,
                "quantity": 20,
                "expected_on": clock.now().date() + timedelta(days=days),
                "kind": "purchase",
            }


def _sold_out(catalogue: list[Article]) -> str:
    """The last product was never in stock: whoever orders it waits."""
    return catalogue[-1].product_code


def _spread(number: int) -> tuple[Site, ...]:
    """Fewer stores, but always those that its people work in, and one of every group."""
    needed = [site for site in STORES if site.code in ("LILLE", "LYON-BELLECOUR", "ARRAS")]
    return (*needed, *[site for site in STORES if site not in needed][: number - len(needed)])


def _configure(catalogue: list[Article], stores: tuple[Site, ...]) -> None:
    configuring.banners([{"code": BANNER, "name": "Maison Vauban", "currency": "EUR", "languages": ["fr", "en"]}])
    # Where the demo's stores are, and in the larger towns, its customers live: nothing has to be estimated for them.
    sites = {site.postcode: (site.latitude, site.longitude) for site in (*WAREHOUSES, *stores, SUPPLIER)}
    configuring.postcodes(
        {"country": "FR", "postcode": code, "latitude": latitude, "longitude": longitude}
        for code, (latitude, longitude) in {**TOWNS, **sites}.items()
    )
    configuring.stock_points(
        [
            *(_point(site, "warehouse") for site in WAREHOUSES),
            *(_point(site, "store") for site in stores),
            _point(SUPPLIER, "supplier"),
        ]
    )
    for code, name in GROUPS.items():
        StockPointGroup.objects.filter(code=code, name="").update(name=name)
    configuring.variants({**article.as_row(), "price": Decimal(article.price)} for article in catalogue)
    configuring.carrier_services(services_for((*WAREHOUSES, *stores)))
    configuring.pick_up_times(pick_ups_for((*WAREHOUSES, *stores)))
    shipping = [site.code for site in (*WAREHOUSES, *stores)]
    configuring.channels(
        [
            _channel("demo-web", "vauban.example", "web", [*shipping, SUPPLIER.code], allows_backorders=True),
            _channel("demo-store", "Commande en magasin", "store", shipping, allows_preorders=True),
            _channel(
                "demo-call-centre", "Service client par téléphone", "call_centre", shipping, allows_preorders=True
            ),
            _channel("demo-marketplace", "Place de marché", "marketplace", [site.code for site in WAREHOUSES]),
        ]
    )


def _point(site: Site, kind: str) -> dict[str, Any]:
    is_store = kind == "store"
    return {
        "code": site.code,
        "name": site.name,
        "kind": kind,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "line1": site.line1,
        "postcode": site.postcode,
        "city": site.city,
        "country": "FR",
        "timezone": "Europe/Paris",
        "banner": BANNER,
        "ships_orders": True,
        "offers_pickup": is_store,
        "offers_reservation": is_store,
        "takes_orders": is_store,
        "accepts_returns": kind != "supplier",
        "daily_order_capacity": 20 if is_store else None,
        "priority": {"warehouse": 10, "store": 50}.get(kind, 90),
        "handling_cost": Decimal("2.20") if is_store else Decimal("1.10"),
        "currency": "EUR",
        # A store prepares beside its customers: half a day with its doors open.
        "preparation_minutes": 300 if is_store else 240,
        "opening_hours": HOURS if is_store else {},
        "groups": list(site.groups),
    }


def _channel(code: str, name: str, kind: str, stock_points: list[str], **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        "kind": kind,
        "banner": BANNER,
        "currency": "EUR",
        "stock_points": stock_points,
        **more,
    }


def _stock(catalogue: list[Article], stores: tuple[Site, ...], draw: random.Random) -> Iterator[dict[str, Any]]:
    """What was received three weeks ago and more: warehouses hold nearly everything, stores a part."""
    received_at = clock.now() - timedelta(days=30)
    sold_out = _sold_out(catalogue)
    for article in (each for each in catalogue if each.product_code != sold_out):
        for site in WAREHOUSES:
            if draw.random() < 0.93:
                yield _receipt(article, site, draw.randint(1, WAREHOUSE_UNITS), received_at)
        for site in stores:
            share, most = ASSORTMENT[site.groups[0]]
            if draw.random() < share:
                yield _receipt(article, site, draw.randint(1, most), received_at)
        if draw.random() < 0.25:
            yield _receipt(article, SUPPLIER, draw.randint(20, 100), received_at)


def _receipt(article: Article, site: Site, quantity: int, at: Any) -> dict[str, Any]:
    return {
        "sku": article.sku,
        "stock_point": site.code,
        "quantity": quantity,
        "kind": "receipt",
        "reference": "stock initial",
        "occurred_at": at,
    }


def _protect() -> None:
    groups = {group.code: group for group in StockPointGroup.objects.filter(code__in=GROUPS)}
    save_rule(rule=ProtectionRule(code="demo-small-stores", group=groups[SMALL], quantity=1))
    save_rule(rule=ProtectionRule(code="demo-flagship-coats", group=groups[FLAGSHIP], category="Manteaux", quantity=2))
    save_rule(
        rule=ProtectionRule(code="demo-city-shoes", group=groups[CITY], category="Chaussures", percent=Decimal(25))
    )
    apply_pending_protection()
