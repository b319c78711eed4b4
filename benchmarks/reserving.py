"""Reserving under 8 and 32 processes, against as many that run hand-written SQL through psycopg alone.

Both write the same rows into the same tables, with every constraint, index and trigger, on a durable
server, in turns within one run. `uniform`: baskets of three articles drawn from twenty thousand levels. `Zipf`: the
n-th of them is wanted 1/n as often as the first. `one hot SKU`: everybody wants the same level until its last unit
is gone; the same with the article declared hot, against our own reserving one by one, also with a protection and an
allotment that bind at the same unit. Then what keeping the summaries of availability costs: the product without them,
without their index on the feed of changes, and with both.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import accumulate
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.rows import Row, at_least

PROCESSES = (8, 32)
ROUNDS = 3
VARIANTS, POINTS = 400, 50
BASKETS, LINES = 3200, 3
HOT_UNITS = 3_000
PROTECTED = 50
PLENTY = 1_000_000

ROOT = Path(__file__).parent.parent
SQL = Path(__file__).parent / "sql"

# (variant, stock point) pairs of one basket.
Basket = list[tuple[int, int]]


@dataclass(frozen=True)
class Scenario:
    name: str
    processes: int
    units: int
    """That may be sold of every level."""
    is_limited: bool = False
    """By a protection that keeps back what is beyond, and an allotment of just as many units."""

    def baskets(self, worker: int, keys: Basket) -> Iterator[Basket]:
        """What one worker asks for, the same for all competitors; a hot one never ends."""
        chance = random.Random(worker)
        if self.name == HOT:
            while True:
                yield keys[:1]
        share = BASKETS // self.processes
        if self.name == UNIFORM:
            for _ in range(share):
                yield chance.sample(keys, LINES)
            return
        weights = list(accumulate(1 / place for place in range(1, len(keys) + 1)))
        for _ in range(share):
            basket: set[tuple[int, int]] = set()
            while len(basket) < LINES:
                basket.update(chance.choices(keys, cum_weights=weights))
            yield list(basket)

    @property
    def sold(self) -> int:
        """Units that must be reserved at the end."""
        return HOT_UNITS if self.name == HOT else BASKETS * LINES


UNIFORM, ZIPF, HOT = "uniform", "Zipf", "one hot SKU"
BY_HAND, PRODUCT, BARE = "by hand", "product", "product without summaries"
ONE_BY_ONE, DECLARED = "not declared hot", "declared hot"


def run() -> list[Row]:
    """In a process of its own, whose settings know the benchmark's database from the start."""
    with tempfile.TemporaryDirectory(prefix="halles-bench-") as folder, _database(Path(folder)) as url:
        # As in production: with DEBUG on, Django writes every statement down.
        environment = {**os.environ, "DATABASE_URL": url, "DEBUG": "0", "SECRET_KEY": secrets.token_urlsafe(64)}
        command = [sys.executable, "-m", "benchmarks.reserving"]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [Row(**row) for row in json.loads(done.stdout)]


def _run_here() -> list[Row]:
    url = os.environ["DATABASE_URL"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oms.settings")
    import django

    django.setup()
    rows: list[Row] = []
    for processes in PROCESSES:
        for name, units in {UNIFORM: PLENTY, ZIPF: PLENTY, HOT: HOT_UNITS}.items():
            rows += _compared(url, Scenario(name, processes, units), (BY_HAND, PRODUCT), 0.5)
        for is_limited in (False, True):
            rows += _compared(url, Scenario(HOT, processes, HOT_UNITS, is_limited), (ONE_BY_ONE, DECLARED), 2.5)
    return rows + _compared(url, Scenario(UNIFORM, PROCESSES[0], PLENTY), (BARE, PRODUCT), 0.8)


def _compared(url: str, scenario: Scenario, competitors: tuple[str, str], target: float) -> list[Row]:
    """Alternate the two, so that a noisy neighbour disturbs both alike."""
    rates: dict[str, list[float]] = {each: [] for each in competitors}
    for turn in range(ROUNDS):
        left = {}
        for competitor in competitors if turn % 2 else competitors[::-1]:
            _reset(url, scenario, is_hot=competitor == DECLARED)
            with _without_summaries(url) if competitor == BARE else _summaries(url):
                rates[competitor].append(_measure(url, scenario, competitor))
            left[competitor] = _what_is_left(url)
        if set(left.values()) != {(scenario.sold,) * 3}:
            raise AssertionError(f"{scenario.name}: {scenario.sold} units expected, {left} found")
    other, mine = competitors
    ratio = statistics.median(ours / theirs for theirs, ours in zip(rates[other], rates[mine], strict=True))
    limits = ", protection and allotment" if scenario.is_limited else ""
    name = f"reserve_stock, {scenario.processes} processes, {scenario.name}{limits}"
    return [
        *(Row(f"{name}: {each}", statistics.median(found), "baskets/s") for each, found in rates.items()),
        at_least(f"{name}: {mine} / {other}", ratio, "x", target),
    ]


@contextmanager
def _summaries(url: str) -> Iterator[None]:
    """A worker that follows the feed as often as in production."""
    worker = multiprocessing.get_context("fork").Process(target=_follow_the_feed, daemon=True)
    worker.start()
    try:
        yield
    finally:
        worker.terminate()
        worker.join()


@contextmanager
def _without_summaries(url: str) -> Iterator[None]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP INDEX stock_change_of_variant")
        try:
            yield
        finally:
            connection.execute("CREATE INDEX stock_change_of_variant ON stock_availabilitychange (variant_id, xid)")


def _follow_the_feed() -> None:
    from stock.services.summarising import summarise_availability

    while True:
        summarise_availability()
        time.sleep(2)


def _measure(url: str, scenario: Scenario, competitor: str) -> float:
    """Baskets reserved per second, from the first worker's start to the last one's end."""
    context = multiprocessing.get_context("fork")
    barrier, answers = context.Barrier(scenario.processes), context.Queue()
    workers = [
        context.Process(target=_work, args=(url, scenario, competitor, number, barrier, answers))
        for number in range(scenario.processes)
    ]
    for worker in workers:
        worker.start()
    found = [answers.get(timeout=600) for _ in workers]
    for worker in workers:
        worker.join()
    begun, ended = min(start for start, _, _ in found), max(end for _, end, _ in found)
    return sum(baskets for _, _, baskets in found) / (ended - begun)


def _work(url: str, scenario: Scenario, competitor: str, number: int, barrier: Barrier, answers: Any) -> None:
    reserve = (_by_hand if competitor == BY_HAND else _product)(url, number)
    with psycopg.connect(url) as connection:
        keys = connection.execute("SELECT variant_id, stock_point_id FROM stock_stocklevel ORDER BY id").fetchall()
    baskets = scenario.baskets(number, keys)
    barrier.wait()
    begun, reserved = time.perf_counter(), 0
    for basket in baskets:
        if not reserve(basket):
            break
        reserved += 1
    answers.put((begun, time.perf_counter(), reserved))


def _by_hand(url: str, number: int) -> Callable[[Basket], bool]:
    connection = psycopg.connect(url, autocommit=True)
    statement = (SQL / "reserve.sql").read_text()
    (channel,) = connection.execute("SELECT id FROM stock_saleschannel").fetchone() or (0,)

    def reserve(basket: Basket) -> bool:
        asked = {
            "variants": [variant for variant, _ in basket],
            "points": [point for _, point in basket],
            "quantities": [1] * len(basket),
            "lines": len(basket),
            "channel": channel,
            "owner": f"worker:{number}",
        }
        return len(connection.execute(statement, asked).fetchall()) == len(basket)

    return reserve


def _product(url: str, number: int) -> Callable[[Basket], bool]:
    from django.db import connection

    from stock.errors import InsufficientStock
    from stock.models import SalesChannel
    from stock.services.reserving import Want, reserve_stock

    connection.ensure_connection()
    channel = SalesChannel.objects.get().pk

    def reserve(basket: Basket) -> bool:
        wants = [Want(variant_id=variant, stock_point_id=point, quantity=1) for variant, point in basket]
        try:
            return len(reserve_stock(owner=f"worker:{number}", channel_id=channel, wants=wants)) == len(basket)
        except InsufficientStock:
            return False

    return reserve


def _reset(url: str, scenario: Scenario, *, is_hot: bool) -> None:
    kept_back = PROTECTED if scenario.is_limited else 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "TRUNCATE stock_reservation, stock_availabilitychange, stock_availabilitysummary, stock_summaryposition,"
            " stock_channelallotment, stock_allotmentcounter CASCADE"
        )
        connection.execute(
            "UPDATE stock_stocklevel SET reserved = 0, on_hand = %s, protection_units = %s",
            [scenario.units + kept_back, kept_back],
        )
        connection.execute("UPDATE stock_saleschannel SET has_allotments = %s", [scenario.is_limited])
        if scenario.is_limited:
            connection.execute(
                "INSERT INTO stock_channelallotment (channel_id, variant_id, category, quantity, is_applied)"
                " SELECT c.id, v.id, '', %s, true FROM stock_saleschannel c, stock_variant v",
                [scenario.units],
            )
        connection.execute("UPDATE stock_variant SET is_hot = %s", [is_hot])
        connection.execute("VACUUM FULL ANALYZE stock_stocklevel")
        connection.execute("CHECKPOINT")


def _what_is_left(url: str) -> tuple[int, int, int]:
    """Reservations, units they hold, units the levels say are reserved: all three must be what was asked."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT (SELECT count(*) FROM stock_reservation), (SELECT sum(quantity) FROM stock_reservation),"
            " (SELECT sum(reserved) FROM stock_stocklevel)"
        ).fetchone()
        assert found is not None
        return found


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    from oms.core.private_postgres.server import PrivatePostgres

    folder.chmod(0o755)
    postgres = PrivatePostgres(folder / "data")
    postgres.start()
    try:
        environment = {**os.environ, "DATABASE_URL": postgres.url, "LOG_LEVEL": "WARNING"}
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--skip-checks", "-v", "0"], cwd=ROOT, env=environment, check=True
        )
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            _fill(connection)
        yield postgres.url
    finally:
        postgres.stop()


def _fill(connection: psycopg.Connection) -> None:
    script = (SQL / "stock_network.sql").read_text()
    script = script.replace(":variants", str(VARIANTS)).replace(":points", str(POINTS))
    for statement in script.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(
        "INSERT INTO stock_saleschannel (code, name, kind, currency, serves_all_stock_points, allows_backorders,"
        " allows_preorders) VALUES ('web', 'Web', 'web', 'EUR', true, false, false)"
    )


if __name__ == "__main__":
    print(json.dumps([asdict(row) for row in _run_here()]))
