"""Availability over HTTP, against a DRF view with the same key and renderer that returns a constant.

Eight clients that keep their connections ask gunicorn's workers for three articles over a thousand stock points, in
turns within one run, on six million levels: answered from the summaries, from the levels alone, and with each stock
point. Units are moved between two calls and seen at once. What a call costs as the network and the number of levels
grow is told beside it, up to twenty million where asked for (`--huge`).
"""

from __future__ import annotations

import json
import math
import os
import random
import statistics
import time
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import psycopg

from benchmarks.clients import Write, keep_asking, request
from benchmarks.databases import durable_database
from benchmarks.processes import apart
from benchmarks.rows import Row, at_least, at_most
from benchmarks.servers import CLIENTS, server, server_environment, slowest

SECONDS, ROUNDS = 3.0, 3
POINTS, SKUS = 1000, 3
# Articles at every stock point. BENCH_ARTICLES makes a smaller table, to try the benchmark itself.
ARTICLES = int(os.environ.get("BENCH_ARTICLES", "6000"))
NETWORKS, GROWTH, HUGE = (10, 100, 1000), (1 / 6, 5 / 6, 1), 20 / 6
SUMS, LIVE, DETAIL, CONSTANT = "the sums", "live sums", "each stock point", "a constant"

# Without looking up keys that are there and without a trigger: what those write follows.
_FILL = """
INSERT INTO stock_stocklevel (variant_id, stock_point_id, on_hand, protection_units)
SELECT v.id, p.id, 3 + (v.id * 7919 + p.id * 104729) %% 57, (v.id + p.id) %% 3 FROM stock_variant v, stock_stockpoint p
WHERE v.sku BETWEEN %(first)s AND %(last)s ORDER BY v.id, p.id
"""
_TELL = """
INSERT INTO stock_availabilitychange (variant_id)
SELECT id FROM stock_variant WHERE sku BETWEEN %(first)s AND %(last)s ORDER BY id
"""


def run() -> list[Row]:
    with durable_database() as url:
        return _grown(url, GROWTH)


def run_huge() -> list[Row]:
    """With twenty million levels at the end."""
    with durable_database() as url:
        return _grown(url, (*GROWTH, HUGE))


def _grown(url: str, growth: tuple[float, ...]) -> list[Row]:
    environment = server_environment(url)
    key = apart(_prepare, environment, max(SKUS, round(ARTICLES * max(growth))))
    rows: list[Row] = []
    filled = 0
    for share in growth:
        articles = max(SKUS, round(ARTICLES * share))
        _fill(url, filled, articles)
        filled = articles
        with server(environment) as port:
            rows += _curve(port, key, articles, LIVE)
            if share == 1:
                rows += _compared(port, key, {LIVE: 0.2})
            begun = time.perf_counter()
            apart(_summarise, environment)
            took = time.perf_counter() - begun
            rows.append(Row(f"summaries of {articles} articles, {len(NETWORKS)} channels", took, "s"))
            rows += _curve(port, key, articles, SUMS)
            if share == 1:
                _prove_that_nothing_is_kept(port, key, url)
                rows += _compared(port, key, {SUMS: 0.6, DETAIL: 0.2})
    return rows


def _compared(port: int, key: str, targets: dict[str, float]) -> list[Row]:
    """The kinds and the constant in turns, so that a noisy neighbour disturbs all alike."""
    kinds = (CONSTANT, *targets)
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    waits: dict[str, list[float]] = {kind: [] for kind in kinds}
    for kind in kinds:
        _ask(port, key, kind, POINTS, ARTICLES, seconds=1.0)
    for turn in range(ROUNDS):
        for kind in kinds if turn % 2 else reversed(kinds):
            took = _ask(port, key, kind, POINTS, ARTICLES, seconds=SECONDS)
            rates[kind].append(len(took) / SECONDS)
            waits[kind] += took
    name = f"availability, {SKUS} SKUs × {POINTS} points, {ARTICLES * POINTS / 1e6:g} M levels"
    rows = [Row(f"{name}: {kind}", statistics.median(rates[kind]), "calls/s") for kind in kinds]
    for kind, target in targets.items():
        ratio = statistics.median(mine / other for mine, other in zip(rates[kind], rates[CONSTANT], strict=True))
        rows.append(at_least(f"{name}: {kind} / constant", ratio, "x", target))
    for kind in kinds:
        slow = f"{name}: 99 of 100 of {kind} within"
        rows.append(
            at_most(slow, slowest(waits[kind]), "ms", 25) if kind == SUMS else Row(slow, slowest(waits[kind]), "ms")
        )
    return rows


def _curve(port: int, key: str, articles: int, kind: str) -> list[Row]:
    took = {}
    for points in NETWORKS:
        _ask(port, key, kind, points, articles, seconds=0.5, clients=1)
        took[points] = statistics.median(_ask(port, key, kind, points, articles, seconds=1.5, clients=1))
    name = f"{kind}, one client, {articles * POINTS / 1e6:g} M levels"
    fewer, most = NETWORKS[-2:]
    return [
        *(Row(f"{name}, {points} points", took[points] * 1000, "ms") for points in NETWORKS),
        at_most(f"{name}: {most} points / {fewer}", took[most] / took[fewer], "x", most / fewer),
    ]


def _prove_that_nothing_is_kept(port: int, key: str, url: str) -> None:
    before = _available(port, key)
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE stock_stocklevel SET on_hand = on_hand + 7 WHERE id = (SELECT min(s.id) FROM stock_stocklevel s "
            "JOIN stock_variant v ON v.id = s.variant_id WHERE v.sku = %s)",
            [_sku(0)],
        )
    after = _available(port, key)
    if after != before + 7:
        raise AssertionError(f"{before} were available, 7 came, {after} are told.")


def _available(port: int, key: str) -> int:
    address = f"http://127.0.0.1:{port}/api/v1/availability/?channel=web-{POINTS}&sku={_sku(0)}"
    with urlopen(Request(address, headers={"Authorization": f"Bearer {key}"})) as answer:
        return int(json.load(answer)["items"][0]["available"])


def _ask(
    port: int, key: str, kind: str, points: int, articles: int, *, seconds: float, clients: int = CLIENTS
) -> list[float]:
    """How long each answer took, of all that were asked for within the time."""

    def client(number: int) -> Write:
        chance = random.Random(number)
        return lambda: _request(key, _address(kind, points, chance.sample(range(articles), SKUS)))

    return keep_asking(port, [client(number) for number in range(clients)], seconds=seconds)


def _address(kind: str, points: int, articles: list[int]) -> str:
    asked: list[tuple[str, str]] = [("channel", f"web-{points}"), *(("sku", _sku(number)) for number in articles)]
    if kind == DETAIL:
        asked.append(("detail", "stock_points"))
    return f"/api/v1/{'constant' if kind == CONSTANT else 'availability'}/?{urlencode(asked)}"


def _request(key: str, address: str) -> bytes:
    return request("GET", address, {"Authorization": f"Bearer {key}"})


def _sku(number: int) -> str:
    return f"SKU-{number:06d}"


def _fill(url: str, first: int, end: int) -> None:
    """Levels of the articles from `first` to before `end`, at every stock point, and no summary of any article."""
    with psycopg.connect(url, autocommit=True) as connection:
        if end > first:
            connection.execute("SET session_replication_role = replica")
            connection.execute(_FILL, {"first": _sku(first), "last": _sku(end - 1)})
            connection.execute(_TELL, {"first": _sku(first), "last": _sku(end - 1)})
        connection.execute("TRUNCATE stock_availabilitysummary, stock_summaryposition")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _summarise(environment: dict[str, str]) -> None:
    os.environ |= environment
    import django

    django.setup()
    from stock.services.summarising import summarise_availability

    summarise_availability(budget_s=math.inf)


def _prepare(environment: dict[str, str], articles: int) -> str:
    """A thousand stock points, the articles, and a channel for each size of network; a key."""
    os.environ |= environment
    import django

    django.setup()
    from oms.core.services.clients import create_client
    from stock.models import Product, SalesChannel, StockPoint, Variant

    points = StockPoint.objects.bulk_create(
        StockPoint(code=f"point-{n:04d}", name=f"Point {n}", kind="store", country="FR") for n in range(POINTS)
    )
    product = Product.objects.create(code="P", name="A product")
    Variant.objects.bulk_create(
        (Variant(sku=_sku(n), product=product, price=10, currency="EUR") for n in range(articles)), batch_size=2000
    )
    for size in NETWORKS:
        channel = SalesChannel.objects.create(
            code=f"web-{size}", name=f"{size}", kind="web", currency="EUR", serves_all_stock_points=False
        )
        channel.stock_points.set(points[:size])
    _, key = create_client(name="availability", scopes=["stock:read"])
    return key
