"""Sourcing placed orders at 500 stock points through Celery with two workers, facts stored, and in this process.

Orders of three lines are placed, then sourced in turns: one order a message, as many a message as the relay sends,
and by calling the services here: one after the other, and together. The workers are real processes with the broker
that is the default, the database; the time runs from the first message sent to the last delivery marked done.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.databases import ROOT, durable_database
from benchmarks.processes import apart
from benchmarks.rows import Row, at_least

POINTS, LINES = 500, 3
WORKERS, ROUNDS, ORDERS, BATCH = 2, 3, 400, 50
WAIT_S = 300
# What a large vendor states for fifty locations.
STATED_PER_MINUTE = 2_500
TASK = "orders.tasks.source_order"


def run() -> list[Row]:
    """In a process of its own: the settings of this one may point elsewhere."""
    with durable_database() as url:
        rates = apart(_measure, url)
    median = {name: statistics.median(found) for name, found in rates.items()}
    name = f"sourcing {LINES}-line orders at {POINTS} points, facts stored"
    batched, single, here = median["batched"], median["one a message"], median["in process"]
    return [
        at_least(f"{name}: {WORKERS} workers, {BATCH} a message", batched, "/min", STATED_PER_MINUTE),
        Row(f"{name}: {WORKERS} workers, one a message", single, "/min"),
        Row(f"{name}: called in one process, one by one", here, "/min"),
        Row(f"{name}: called in one process, {BATCH} together", median["together"], "/min"),
        at_least(f"{name}: batched / one a message", batched / single, "x", 8),
        Row(f"{name}: batched, {WORKERS} workers / in one process, one by one", batched / here, "x"),
    ]


def _measure(url: str) -> dict[str, list[float]]:
    environment = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "oms.settings", "LOG_LEVEL": "ERROR"}
    environment |= {"DEBUG": "false", "SECRET_KEY": "of-this-benchmark-alone-" * 3}
    os.environ |= environment
    os.environ.pop("BROKER_URL", None)
    import django

    django.setup()
    from benchmarks.placing import Shop
    from oms.core.services.subscribing import task_named

    shop, chance = Shop(url, points=POINTS), random.Random(3)
    if task_named(TASK).batch != BATCH:
        raise AssertionError("the relay sends other messages")

    def placed(count: int) -> list[tuple[int, int]]:
        """So many orders to be sourced: delivery and order."""
        for _ in range(count):
            shop.product(chance.sample(range(len(shop.variants)), LINES))
        return _deliveries()

    rates: dict[str, list[float]] = {"batched": [], "one a message": [], "in process": [], "together": []}
    _one_by_one(placed(10))
    with _workers(dict(os.environ)):
        _through_workers(placed(4 * BATCH), BATCH)
        for turn in range(ROUNDS):
            for name, size in (("batched", BATCH), ("one a message", 1))[:: 1 if turn % 2 else -1]:
                rates[name].append(_through_workers(placed(ORDERS), size))
    for _ in range(ROUNDS):
        rates["in process"].append(_one_by_one(placed(ORDERS // 4)))
        rates["together"].append(_together(placed(ORDERS // 2)))
    return rates


def _deliveries() -> list[tuple[int, int]]:
    """Relayed, and not sent: only what sources orders is looked at, the mails and messages of an order are not."""
    from oms.core.models import EventDelivery
    from oms.core.services.relaying import claim_events

    while claim_events(limit=1000)[0]:
        pass
    found = EventDelivery.objects.pending().filter(subscription=TASK).order_by("pk")
    return list(found.values_list("pk", "event__payload__order_id"))


def _through_workers(work: list[tuple[int, int]], size: int) -> float:
    """Orders a minute."""
    from celery import current_app

    from oms.core.models import EventDelivery

    ids = [delivery_id for delivery_id, _ in work]
    begun = time.perf_counter()
    with current_app.producer_or_acquire() as producer:
        for start in range(0, len(ids), size):
            current_app.send_task(TASK, args=[ids[start : start + size]], queue="sourcing", producer=producer)
    left = EventDelivery.objects.pending().filter(pk__in=ids)
    while left.exists():
        if time.perf_counter() - begun > WAIT_S:
            raise AssertionError(f"{left.count()} of {len(ids)} orders were not sourced in {WAIT_S} s")
        time.sleep(0.02)
    return _per_minute(work, begun)


def _one_by_one(work: list[tuple[int, int]]) -> float:
    from orders.services.sourcing import source_order

    def source() -> None:
        for _, order_id in work:
            source_order(order_id=order_id)

    return _in_process(work, source)


def _together(work: list[tuple[int, int]]) -> float:
    from orders.services.sourcing_many import source_orders

    ids = [order_id for _, order_id in work]

    def source() -> None:
        for start in range(0, len(ids), BATCH):
            source_orders(order_ids=ids[start : start + BATCH])

    return _in_process(work, source)


def _in_process(work: list[tuple[int, int]], source: Callable[[], None]) -> float:
    from oms.core import clock
    from oms.core.models import EventDelivery

    begun = time.perf_counter()
    source()
    rate = _per_minute(work, begun)
    EventDelivery.objects.filter(pk__in=[delivery_id for delivery_id, _ in work]).update(
        state="done", done_at=clock.now()
    )
    return rate


def _per_minute(work: list[tuple[int, int]], begun: float) -> float:
    """Only if each order really was sourced: decided anew, and given to a stock point."""
    took = time.perf_counter() - begun
    from oms.orchestration.models import SourcingRun
    from orders.models import Fulfilment

    order_ids = [order_id for _, order_id in work]
    given = Fulfilment.objects.filter(order_id__in=order_ids).values("order_id").distinct().count()
    numbers = Fulfilment.objects.filter(order_id__in=order_ids).values("order__number")
    decided = SourcingRun.objects.filter(reference__in=numbers, trigger="sourced").values("reference").distinct()
    if (given, decided.count()) != (len(work), len(work)):
        raise AssertionError(f"of {len(work)} orders {given} were given out, {decided.count()} decided")
    return 60 * len(work) / took


@contextmanager
def _workers(environment: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "celery", "--app=oms.celery", "--quiet", "worker", "--queues=sourcing"]
    command += ["--concurrency=1", "--loglevel=ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    started = [
        subprocess.Popen(
            [*command, f"--hostname=bench{number}@%h"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        for number in range(WORKERS)
    ]
    try:
        yield
    finally:
        for each in started:
            each.terminate()
        for each in started:
            each.wait(timeout=30)
