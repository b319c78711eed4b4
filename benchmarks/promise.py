"""The delivery promise over HTTP, against a DRF view with the same key and renderer that returns a constant.

Eight clients that keep their connections ask gunicorn's workers for baskets of three lines, in turns within
one run. The promise reads the stock of every stock point, plans four modes (home and its like once, express)
and signs four tokens. What it costs at 10, 100, 500 and 1,000 stock points is told beside it.
"""

from __future__ import annotations

import json
import os
import random
import statistics

from benchmarks.clients import Write, keep_asking, request
from benchmarks.databases import durable_database
from benchmarks.processes import apart
from benchmarks.rows import Row, at_least, at_most
from benchmarks.servers import CLIENTS, server, server_environment, slowest

SECONDS, ROUNDS = 3.0, 3
VARIANTS, LINES = 40, 3
MEASURED, CURVE = (60, 500), (10, 100, 500, 1000)
PROMISE, CONSTANT = "/api/v1/delivery-promises/", "/api/v1/constant/"


def run() -> list[Row]:
    with durable_database() as url:
        environment = server_environment(url)
        key = apart(_prepare, environment)
        with server(environment) as port:
            return _measure(port, key)


def _measure(port: int, key: str) -> list[Row]:
    rows: list[Row] = []
    for points in MEASURED:
        rates: dict[str, list[float]] = {PROMISE: [], CONSTANT: []}
        waits: dict[str, list[float]] = {PROMISE: [], CONSTANT: []}
        for path in (PROMISE, CONSTANT):
            _ask(port, key, path, points, seconds=1.0)
        for turn in range(ROUNDS):
            for path in (PROMISE, CONSTANT) if turn % 2 else (CONSTANT, PROMISE):
                took = _ask(port, key, path, points, seconds=SECONDS)
                rates[path].append(len(took) / SECONDS)
                waits[path] += took
        name = f"promise, {LINES} lines, {points} stock points, {CLIENTS} clients"
        ratio = statistics.median(mine / constant for mine, constant in zip(*rates.values(), strict=True))
        rows += [
            Row(f"{name}: a constant", statistics.median(rates[CONSTANT]), "calls/s"),
            Row(f"{name}: the promise", statistics.median(rates[PROMISE]), "calls/s"),
            at_least(f"{name}: promise / constant", ratio, "x", 0.15),
            Row(f"{name}: 99 of 100 constants within", slowest(waits[CONSTANT]), "ms"),
            at_most(f"{name}: 99 of 100 answered within", slowest(waits[PROMISE]), "ms", 50),
        ]
    for points in CURVE:
        _ask(port, key, PROMISE, points, seconds=0.5, clients=1)
        took = _ask(port, key, PROMISE, points, seconds=1.5, clients=1)
        rows.append(Row(f"promise, one client, {points} stock points", statistics.median(took) * 1000, "ms"))
    return rows


def _ask(port: int, key: str, path: str, points: int, *, seconds: float, clients: int = CLIENTS) -> list[float]:
    """How long each answer took, of all that were asked for within the time."""
    writes = [_client(key, path, points, number) for number in range(clients)]
    return keep_asking(port, writes, seconds=seconds)


def _client(key: str, path: str, points: int, seed: int) -> Write:
    chance = random.Random(seed)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    there = {"country": "FR", "postcode": "59800", "latitude": 50.64, "longitude": 3.06}

    def write() -> bytes:
        lines = [{"sku": f"SKU-{n}", "quantity": 1} for n in chance.sample(range(VARIANTS), LINES)]
        asked = {"channel": f"web-{points}", "destination": there, "lines": lines}
        return request("POST", path, headers, json.dumps(asked).encode())

    return write


def _prepare(environment: dict[str, str]) -> str:
    """A thousand stock points with some of everything, and a channel for each size of network."""
    os.environ |= environment
    import django

    django.setup()
    from django.db import connection

    from oms.core.services.clients import create_client
    from stock.models import Product, SalesChannel, StockPoint, Variant
    from stock.services.levelling import ensure_levels

    chance = random.Random(1)
    points = StockPoint.objects.bulk_create(
        StockPoint(
            code=f"point-{n:04d}",
            name=f"Point {n}",
            kind="store",
            country="FR",
            latitude=43 + 7 * chance.random(),
            longitude=6 * chance.random(),
        )
        for n in range(max(CURVE))
    )
    product = Product.objects.create(code="P", name="A product")
    variants = Variant.objects.bulk_create(
        Variant(sku=f"SKU-{n}", product=product, price=10, currency="EUR", weight_g=500) for n in range(VARIANTS)
    )
    for size in {*MEASURED, *CURVE}:
        channel = SalesChannel.objects.create(
            code=f"web-{size}", name=f"{size}", kind="web", currency="EUR", serves_all_stock_points=False
        )
        channel.stock_points.set(points[:size])
    ensure_levels([(variant.pk, point.pk) for variant in variants for point in points])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stock_stocklevel SET on_hand = 1 + (id * 7919) % 5")
        cursor.execute("VACUUM FULL ANALYZE")
    _, key = create_client(name="benchmark", scopes=("stock:read",))
    return key


if __name__ == "__main__":
    from benchmarks.rows import table

    print(table(run()))
