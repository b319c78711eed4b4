"""Importing a million rows against COPY, merge and ledger written by hand, and the memory of a file of 1 GB.

Both start from copies of one database, on a private durable server, in turns; the hand-written script
keeps every constraint, index and trigger, and must end with the same rows. Then the admin against a plain
django-import-export resource, and placing orders beside an import.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.databases import SQL
from benchmarks.import_in_the_house import ADMIN_VARIANTS, beside_orders, through_the_admin
from benchmarks.networks import POINTS, VARIANTS, Network, network_server
from benchmarks.rows import Row, at_most

ROUNDS = 3
FIGURES = """
SELECT (SELECT count(*) || ' ' || sum(on_hand) FROM stock_stocklevel) || ' '
    || (SELECT count(*) || ' ' || sum(quantity) FROM stock_stockmovement)
"""


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="halles-bench-") as folder, network_server(Path(folder)) as network:
        network.prepare()
        server = Importers(network)
        rows = []
        rows += _compared(server, "all changed", lambda _: 51)
        rows += _compared(server, "98 % unchanged", _two_per_cent(random.Random(1)))
        rows += _compared(server, "98 % unchanged, snapshot", _two_per_cent(random.Random(1)), kind="snapshot")
        rows += _in_the_house(network)
        rows += _memory(server)
        return rows


def _two_per_cent(chance: random.Random) -> Callable[[int], int]:
    return lambda _: 50 + chance.choice([-3, -2, -1, 1, 2, 3]) if chance.random() < 0.02 else 50


def _compared(server: Importers, name: str, quantity: Callable[[int], int], *, kind: str = "delta") -> list[Row]:
    path = server.network.folder / "file.csv"
    _write(path, ((v, p, quantity(v)) for p in range(1, POINTS + 1) for v in range(1, VARIANTS + 1)))
    by_hand, ours = [], []
    for turn in range(ROUNDS):
        first, second = (server.by_hand, server.ours) if turn % 2 else (server.ours, server.by_hand)
        results = {each: each(path, kind) for each in (first, second)}
        (hand, left), (mine, right) = results[server.by_hand], results[server.ours]
        if left != right:
            raise AssertionError(f"{name}: by hand {left}, by the product {right}")
        by_hand.append(hand)
        ours.append(mine)
    rows = VARIANTS * POINTS
    ratio = statistics.median(mine / hand for hand, mine in zip(by_hand, ours, strict=True))
    return [
        Row(f"stock import, 1 million rows {name}: by hand", rows / statistics.median(by_hand), "rows/s"),
        Row(f"stock import, 1 million rows {name}: product", rows / statistics.median(ours), "rows/s"),
        at_most(f"stock import, 1 million rows {name}: time / by hand", ratio, "x", 1.2),
    ]


def _in_the_house(network: Network) -> list[Row]:
    path = network.folder / "file.csv"
    _write(path, ((v, p, 51) for p in range(1, POINTS + 1) for v in range(1, ADMIN_VARIANTS + 1)))
    rows = through_the_admin(network, path)
    _write(path, ((v, p, 51) for p in range(1, POINTS + 1) for v in range(1, VARIANTS + 1)))
    return rows + beside_orders(network, path)


def _memory(server: Importers) -> list[Row]:
    """A file of 1 GB: zeros for levels that do not exist, so that only reading and comparing count."""
    path = server.network.folder / "large.csv"
    copied = server.network.copy_of_prepared()
    server.network.psql(
        copied,
        "INSERT INTO stock_variant (sku, product_id, size, colour, price, currency, weight_g, "
        "length_mm, width_mm, height_mm, is_active) SELECT 'LONG-' || lpad(n::text, 55, '0'), "
        "(SELECT id FROM stock_product), '', '', 1, 'EUR', 1, 0, 0, 0, true "
        "FROM generate_series(1, 280000) n",
    )
    with path.open("w") as file:
        file.write("sku,stock_point,quantity\n")
        for point in range(1, POINTS + 1):
            file.writelines(f"LONG-{n:055d},store-{point:04d},0\n" for n in range(1, 280_001))
    size = path.stat().st_size
    result = server.run_product(copied, path, "delta")
    path.unlink()
    assert result["unchanged"] == result["rows"] == 280_000 * POINTS, result
    return [
        Row("stock import, large file: size", size / 1e9, "GB"),
        Row("stock import, large file: rows", result["rows"] / result["seconds"], "rows/s"),
        at_most("stock import, large file: peak memory", result["peak_mb"], "MB", 300),
    ]


def _write(path: Path, rows: Iterator[tuple[int, int, int]]) -> None:
    with path.open("w") as file:
        file.write("sku,stock_point,quantity\n")
        file.writelines(f"SKU-{v:08d},store-{p:04d},{quantity}\n" for v, p, quantity in rows)


@dataclass(frozen=True)
class Importers:
    """The two ways to import a file into a fresh copy; each tells its seconds and what the tables hold then."""

    network: Network

    def by_hand(self, path: Path, kind: str) -> tuple[float, str]:
        database = self.network.copy_of_prepared()
        with path.open("rb") as file:
            begun = time.perf_counter()
            as_of = datetime.now(UTC).isoformat()
            self.network.run_psql(database, ["-v", f"as_of={as_of}"], SQL / "stock_import.sql", stdin=file)
            seconds = time.perf_counter() - begun
        return seconds, self.network.psql(database, FIGURES)

    def ours(self, path: Path, kind: str) -> tuple[float, str]:
        database = self.network.copy_of_prepared()
        result = self.run_product(database, path, kind)
        return result["seconds"], self.network.psql(database, FIGURES)

    def run_product(self, database: str, path: Path, kind: str) -> dict[str, Any]:
        answer = self.network.python(database, ["-m", "benchmarks.stock_import", str(path), kind])
        result: dict[str, Any] = json.loads(answer.splitlines()[-1])
        assert result["state"] == "applied", result
        return result


def _import_here(path: Path, kind: str) -> None:
    """In a process of its own: import the file, print the time without Django's start, and the peak of memory."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oms.settings")
    django.setup()
    import psutil
    from django.db import connection

    from stock.models import StockImport
    from stock.services.import_running import run_import
    from stock.services.importing import create_import

    connection.ensure_connection()
    begun = time.perf_counter()
    created = create_import(source="erp", kind=kind, as_of=datetime.now(UTC), local_path=path)
    run_import(import_id=created.pk)
    seconds = time.perf_counter() - begun
    done = StockImport.objects.get(pk=created.pk)
    peak = psutil.Process().memory_full_info().rss
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            peak = int(line.split()[1]) * 1024
    names = ("state", "rows", "applied", "unchanged", "rejected", "quarantined", "closed")
    counters = {name: getattr(done, name) for name in names}
    print(json.dumps({"seconds": seconds, "peak_mb": peak / 1e6, **counters}))


if __name__ == "__main__":
    _import_here(Path(sys.argv[1]), sys.argv[2])
