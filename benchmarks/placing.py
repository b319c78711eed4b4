"""Placing orders of three lines in one process, against one hand-written statement writing the same rows.

The product plans each order over sixty stock points and reserves, writes and tells it; by hand, all of it
is one statement that is handed a finished plan, prepared by psycopg. Same tables with every constraint,
index and trigger, a durable server, in turns within one run, and equal row counts at the end of each turn.
The orders are of a channel that was paid elsewhere: one transaction, as by hand. What the gateway's answer
adds (its books and the second transaction) is measured beside it, for information.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.databases import SQL, durable_database
from benchmarks.processes import apart
from benchmarks.rows import Row, at_least

ROUNDS, ORDERS, WARM_UP = 5, 200, 40
VARIANTS, POINTS, LINES = 200, 60, 3
PLENTY = 1_000_000
TABLES = (
    "orders_order",
    "orders_orderline",
    "orders_allocation",
    "orders_timelineentry",
    "stock_reservation",
    "orchestration_sourcingrun",
    "core_outboxevent",
)

# The articles of one order, as indexes.
Basket = list[int]


def run() -> list[Row]:
    """In a process of its own: the settings of this one may point elsewhere."""
    with durable_database() as url:
        rates = apart(_measure, url)
    ratio = statistics.median(mine / hand for mine, hand in zip(rates["product"], rates["by hand"], strict=True))
    name = f"placing a {LINES}-line order, one process"
    return [
        *(Row(f"{name}: {each}", statistics.median(found), "orders/s") for each, found in rates.items()),
        at_least(f"{name}: product / by hand", ratio, "x", 0.3),
    ]


def _measure(url: str) -> dict[str, list[float]]:
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "oms.settings", "LOG_LEVEL": "ERROR"}
    os.environ |= {"DEBUG": "false", "SIMULATED_PAYMENTS": "true", "SECRET_KEY": "of-this-benchmark-alone-" * 3}
    import django

    django.setup()
    shop = Shop(url)
    competitors = {"by hand": shop.by_hand, "product": shop.product, "product, paid by card": shop.paid}
    for competitor in competitors.values():
        shop.place(competitor, WARM_UP)
    rates: dict[str, list[float]] = {name: [] for name in competitors}
    for turn in range(ROUNDS):
        order = list(competitors) if turn % 2 else list(competitors)[::-1]
        written = {}
        for name in order:
            before = shop.counts()
            rates[name].append(shop.place(competitors[name], ORDERS))
            written[name] = [after - earlier for after, earlier in zip(shop.counts(), before, strict=True)]
        if written["product"] != written["by hand"]:
            raise AssertionError(f"rows written in {TABLES}: {written}")
    return rates


class Shop:
    """Stock points with plenty of everything, and the two ways to place an order."""

    def __init__(self, url: str, points: int = POINTS) -> None:
        from stock.models import Product, SalesChannel, StockPoint, Variant
        from stock.services.levelling import ensure_levels

        chance = random.Random(1)
        self.chance = random.Random(2)
        self.points = [
            StockPoint.objects.create(
                code=f"point-{n}",
                name=f"Point {n}",
                kind="warehouse",
                country="FR",
                latitude=43 + 7 * chance.random(),
                longitude=6 * chance.random(),
            )
            for n in range(points)
        ]
        product = Product.objects.create(code="P", name="A product")
        self.variants = [
            Variant.objects.create(sku=f"SKU-{n}", product=product, price=10, currency="EUR", weight_g=500)
            for n in range(VARIANTS)
        ]
        given = {"currency": "EUR", "serves_all_stock_points": True}
        self.market = SalesChannel.objects.create(code="market", name="Market", kind="marketplace", **given)
        self.web = SalesChannel.objects.create(code="web", name="Web", kind="web", **given)
        ensure_levels([(variant.pk, point.pk) for variant in self.variants for point in self.points])
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute("UPDATE stock_stocklevel SET on_hand = %s", [PLENTY])
        self.connection.execute("VACUUM FULL ANALYZE")
        self.serial = 0
        self.statement = (SQL / "place_order.sql").read_text()
        self.product([0, 1, 2])
        self.example = self._example()

    def place(self, place: Callable[[Basket], None], orders: int) -> float:
        """Orders a second."""
        baskets = [self.chance.sample(range(VARIANTS), LINES) for _ in range(orders)]
        begun = time.perf_counter()
        for basket in baskets:
            place(basket)
        return orders / (time.perf_counter() - begun)

    def counts(self) -> Sequence[int]:
        return [self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES]  # type: ignore[index]

    def product(self, basket: Basket) -> None:
        self._order(self.market.code, basket, ())

    def paid(self, basket: Basket) -> None:
        from orders.services.requests import RequestedPayment

        self._order(self.web.code, basket, (RequestedPayment("simulated", "card", token="tok"),))

    def _order(self, channel: str, basket: Basket, payments: tuple[Any, ...]) -> None:
        from orders.services.placing import place_order
        from orders.services.requests import Address, Customer, OrderRequest, RequestedLine

        self.serial += 1
        place_order(
            request=OrderRequest(
                channel=channel,
                external_reference=f"web-{self.serial}",
                mode="home",
                customer=Customer(name="Camille Martin", email="camille@example.org"),
                shipping_address=Address(line1="1 place", city="Lille", country="FR", postcode="59800"),
                lines=tuple(RequestedLine(self.variants[index].sku, 1) for index in basket),
                payments=payments,
            )
        )

    def _example(self) -> dict[str, Any]:
        """An order and its decision as the product wrote them: what is written by hand is as large."""
        from oms.orchestration.models import SourcingRun
        from orders.models import Order

        order, run = Order.objects.get(), SourcingRun.objects.get()
        (plan,) = self.connection.execute("SELECT plan::text FROM orchestration_sourcingrun").fetchone() or ("",)
        (promise,) = self.connection.execute("SELECT promise::text FROM orders_order").fetchone() or ("",)
        (address,) = self.connection.execute("SELECT shipping_address::text FROM orders_order").fetchone() or ("",)
        return {
            "example": run.pk,
            "plan": plan,
            "promise": promise,
            "address": address,
            "hash": order.content_hash,
            "candidates": bytes(run.candidates),
            "facts": bytes(run.facts),
            "facts_hash": run.facts_hash,
            "channel": self.market.pk,
        }

    def by_hand(self, basket: Basket) -> None:
        self.serial += 1
        asked = self.example | {
            "number": f"HAND{self.serial:09d}",
            "reference": f"web-{self.serial}",
            "variants": [self.variants[index].pk for index in basket],
            "skus": [self.variants[index].sku for index in basket],
            "points": [self.points[self.serial % len(self.points)].pk] * LINES,
        }
        if self.connection.execute(self.statement, asked, prepare=True).fetchone() is None:
            raise AssertionError("the levels ran dry")


if __name__ == "__main__":
    from benchmarks.rows import table

    assert Path(SQL).is_dir()
    print(table(run()))
