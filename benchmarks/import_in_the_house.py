"""An import as the house sees it: sent through the admin against a plain django-import-export resource, and what
placing orders feels of one that runs beside it. Figures of the benchmark `stock_import`, in processes of their own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.databases import ROOT
from benchmarks.networks import POINTS, VARIANTS, Network
from benchmarks.rows import Row, at_least, at_most

# More than the admin looks at while a person waits, so that it takes the way of every large file.
ADMIN_VARIANTS = 600
ORDER_ROUNDS, ORDERS_ALONE, WARM_UP = 3, 150, 20


def through_the_admin(network: Network, path: Path) -> list[Row]:
    """The file at `path`, of ADMIN_VARIANTS at every stock point, all changed, on a million levels."""
    seconds = {}
    for way in ("admin", "resource"):
        answer = network.python(network.copy_of_prepared(), ["-m", "benchmarks.import_in_the_house", way, str(path)])
        seconds[way] = float(answer.splitlines()[-1])
    rows = ADMIN_VARIANTS * POINTS
    return [
        Row("stock import through the admin: sent, compared, confirmed, written", rows / seconds["admin"], "rows/s"),
        Row("stock import by a plain django-import-export resource", rows / seconds["resource"], "rows/s"),
        at_least("stock import: admin / plain resource", seconds["resource"] / seconds["admin"], "x", 100),
    ]


def beside_orders(network: Network, path: Path) -> list[Row]:
    """Orders of articles whose levels an import of a million changed rows writes meanwhile; the medians of some runs.

    Those after it are told, not judged by: its dead rows are still there, and a shared machine drifts.
    """
    runs: list[tuple[list[float], list[float], list[float]]] = []
    for _ in range(ORDER_ROUNDS):
        command = ["-m", "benchmarks.import_in_the_house", "orders", str(path)]
        runs.append(tuple(json.loads(network.python(network.copy_of_prepared(), command).splitlines()[-1])))
    rows = []
    for name, share in (("median", 50), ("95 of 100", 95), ("99 of 100", 99)):
        alone, beside, after = ([_within(each, share) for each in found] for found in zip(*runs, strict=True))
        ratio = statistics.median(during / before for before, during in zip(alone, beside, strict=True))
        rows += [
            Row(f"placing an order, {name}: alone", statistics.median(alone), "ms"),
            Row(f"placing an order, {name}: during an import", statistics.median(beside), "ms"),
            Row(f"placing an order, {name}: after it", statistics.median(after), "ms"),
            # One wait for a lock in a hundred orders is told, not judged: orders alone know none.
            at_most(f"placing an order, {name}: during / alone", ratio, "x", 2)
            if share < 99
            else Row(f"placing an order, {name}: during / alone", ratio, "x"),
        ]
    placed = statistics.median(len(beside) for _, beside, _ in runs)
    return [*rows, Row("orders placed during the import", placed, "orders")]


def _within(seconds: list[float], share: int) -> float:
    """Milliseconds within which so many of a hundred were done."""
    return statistics.quantiles(seconds, n=100)[share - 1] * 1000


def _admin(path: Path) -> float:
    """From sending the file to its last row: two clicks, and what the worker does between and after them."""
    from django.contrib.auth import get_user_model
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client
    from django.urls import reverse

    from stock.admin.import_resources import ProfileCsv
    from stock.admin.imports import StockImportAdmin
    from stock.models import StockImport
    from stock.services.import_running import run_import

    browser = Client(headers={"host": "localhost"})
    browser.force_login(get_user_model().objects.create_superuser("head", password="of-this-benchmark-alone"))
    # A web server that runs has loaded its addresses, as the resource's process has loaded its libraries.
    address = reverse("admin:stock_stockimport_import")
    begun = time.perf_counter()
    browser.post(
        address,
        {
            "resource": "0",
            "format": str(StockImportAdmin.import_formats.index(ProfileCsv)),
            "kind": "delta",
            "as_of": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "source": "erp",
            "import_file": SimpleUploadedFile("stock.csv", path.read_bytes(), "text/csv"),
        },
        secure=True,
    )
    sent = StockImport.objects.get()
    run_import(import_id=sent.pk)
    browser.post(reverse("admin:stock_stockimport_confirm", args=[sent.pk]), secure=True)
    run_import(import_id=sent.pk)
    seconds = time.perf_counter() - begun
    sent.refresh_from_db()
    assert (sent.state, sent.applied) == ("applied", ADMIN_VARIANTS * POINTS), (sent.state, sent.applied)
    return seconds


def _resource(path: Path) -> float:
    """What a project would write down in ten lines; only its import is counted, not its preview before."""
    from import_export.fields import Field
    from import_export.resources import ModelResource
    from import_export.widgets import ForeignKeyWidget
    from tablib import Dataset

    from stock.models import StockLevel, StockPoint, Variant

    class LevelResource(ModelResource):
        variant = Field("variant", "sku", ForeignKeyWidget(Variant, "sku"))
        stock_point = Field("stock_point", "stock_point", ForeignKeyWidget(StockPoint, "code"))
        on_hand = Field("on_hand", "quantity")

        class Meta:
            model = StockLevel
            import_id_fields = ("variant", "stock_point")
            fields = ("variant", "stock_point", "on_hand")

    begun = time.perf_counter()
    result = LevelResource().import_data(Dataset().load(path.read_text(), format="csv"), raise_errors=True)
    seconds = time.perf_counter() - begun
    assert result.totals["update"] == ADMIN_VARIANTS * POINTS, result.totals
    return seconds


def _orders(path: Path) -> tuple[list[float], list[float], list[float]]:
    """Seconds of each order: alone, as long as the import runs, and after it."""
    from stock.models import SalesChannel

    SalesChannel.objects.create(
        code="market", name="Market", kind="marketplace", currency="EUR", serves_all_stock_points=True
    )
    placing = _places()
    for _ in range(WARM_UP):
        next(placing)
    alone = [next(placing) for _ in range(ORDERS_ALONE)]
    command = [sys.executable, "-m", "benchmarks.stock_import", str(path), "delta"]
    importing = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    beside = []
    # What the process takes to start is not the import.
    time.sleep(2)
    while importing.poll() is None:
        beside.append(next(placing))
    answer = json.loads((importing.stdout.read() if importing.stdout else "").splitlines()[-1])
    assert answer["state"] == "applied", answer
    return alone, beside, [next(placing) for _ in range(ORDERS_ALONE)]


def _places() -> Iterator[float]:
    """One order after the other, of three articles each; the seconds each took."""
    import random

    from orders.services.placing import place_order
    from orders.services.requests import Address, Customer, OrderRequest, RequestedLine

    chance, number = random.Random(7), 0
    while True:
        number += 1
        skus = [f"SKU-{n:08d}" for n in chance.sample(range(1, VARIANTS + 1), 3)]
        asked = OrderRequest(
            channel="market",
            external_reference=f"beside-{number}",
            mode="home",
            customer=Customer(name="Camille Martin", email="camille@example.org"),
            shipping_address=Address(line1="1 place", city="Lille", country="FR", postcode="59800"),
            lines=tuple(RequestedLine(sku, 1) for sku in skus),
            payments=(),
        )
        begun = time.perf_counter()
        place_order(request=asked)
        yield time.perf_counter() - begun


WAYS: dict[str, Callable[[Path], Any]] = {"admin": _admin, "resource": _resource, "orders": _orders}


if __name__ == "__main__":
    import django

    # As in production: with DEBUG on, Django writes every statement down.
    os.environ |= {"DEBUG": "0", "SECRET_KEY": "of-this-benchmark-alone-" * 3, "ALLOWED_HOSTS": "localhost"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oms.settings")
    django.setup()
    print(json.dumps(WAYS[sys.argv[1]](Path(sys.argv[2]))))
