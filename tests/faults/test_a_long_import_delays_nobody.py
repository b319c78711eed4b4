"""Fault 30: while a long import runs, orders are sourced and labels are made as fast as before."""

from __future__ import annotations

import io
import time
from statistics import median
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.stack import Stack, order_body
from tests.support.waiting import wait_until

ARTICLES, POINTS = 3000, 60
ORDERS = 5
RUNNING = ("queued", "staged", "applying")

_ARTICLES = """
INSERT INTO stock_product (code, name, brand, category)
SELECT 'A-' || n, 'Article', '', 'bulk' FROM generate_series(1, %(articles)s) n;
INSERT INTO stock_variant
  (sku, product_id, size, colour, price, currency, weight_g, length_mm, width_mm, height_mm, is_active)
SELECT code, id, '', '', 10, 'EUR', 100, 0, 0, 0, true FROM stock_product WHERE category = 'bulk'
"""


def add_network(stack: Stack) -> None:
    with psycopg.connect(stack.postgres.url, autocommit=True) as connection:
        for statement in _ARTICLES.split(";"):
            connection.execute(statement.replace("%(articles)s", str(ARTICLES)))
    point = {"kind": "supplier", "country": "FR", "currency": "EUR", "ships_orders": False, "latitude": 45.0}
    rows = [{"code": f"S-{n}", "name": f"S-{n}", "longitude": 2.0, **point} for n in range(POINTS)]
    with stack.api(stack.key) as api:
        assert api.put("/stock-points/", json=rows).json()["errors"] == []


def snapshot(units: int) -> bytes:
    text = io.StringIO()
    text.write("sku,stock_point,quantity\n")
    for article in range(1, ARTICLES + 1):
        text.writelines(f"A-{article},S-{point},{units}\n" for point in range(POINTS))
    return text.getvalue().encode()


def send(api: httpx.Client, units: int, as_of: str) -> str:
    fields = {"kind": "snapshot", "as_of": as_of, "source": "erp"}
    sent = api.post("/stock-imports/", data=fields, files={"file": ("stock.csv", snapshot(units))})
    assert sent.status_code == 202, sent.text
    return f"/stock-imports/{sent.json()['id']}/"


def seconds_to_label(api: httpx.Client, reference: str) -> tuple[float, float]:
    """From the order to its work, and from the packed parcel to its label."""
    began = time.monotonic()
    number = api.post("/orders/", json=order_body(reference)).json()["number"]
    work = _found(lambda: _work_of(api, number))
    sourced = time.monotonic() - began
    lines = [{"sku": line["sku"], "quantity": line["quantity"]} for line in work["lines"]]
    for move, body in (
        ("accept", {}),
        ("pick", {"lines": lines}),
        ("pack", {"parcels": [{"weight_g": 500, "lines": lines}]}),
    ):
        answer = api.post(f"/fulfilments/{work['id']}/{move}/", json=body)
        assert answer.status_code in (200, 409 if move == "accept" else 200), answer.text
    packed = time.monotonic()
    parcel = answer.json()["parcels"][0]["id"]
    wait_until(lambda: api.get(f"/parcels/{parcel}/label/").status_code == 200, 60)
    return sourced, time.monotonic() - packed


def _work_of(api: httpx.Client, number: str) -> Any:
    works = api.get("/fulfilments/", params={"stock_point": "WH-1"}).json()["results"]
    works += api.get("/fulfilments/", params={"stock_point": "WH-2"}).json()["results"]
    return next((work for work in works if work["order"] == number), None)


def _found(look: Any) -> Any:
    found: list[Any] = []
    wait_until(lambda: bool(found.append(look()) or found[-1]), 60)
    return found[-1]


@pytest.mark.long
def test_orders_are_sourced_and_labelled_as_fast_while_it_runs(stack: Stack) -> None:
    add_network(stack)
    stack.start_scheduler()
    stack.start_worker(queues="imports", name="imports")
    stack.start_worker(queues="sourcing,labels,deliveries,default", name="others")
    with stack.api(stack.key) as api:
        seconds_to_label(api, "warm")
        before = [seconds_to_label(api, f"before-{n}") for n in range(ORDERS)]
        path = send(api, 5, "2026-01-01T00:00:00Z")
        during = []
        while api.get(path).json()["status"] in RUNNING:
            during.append(seconds_to_label(api, f"during-{len(during)}"))
        done = api.get(path).json()
    assert (done["status"], done["applied"]) == ("applied", ARTICLES * POINTS)
    assert len(during) >= 3, during
    for before_s, during_s in zip(zip(*before, strict=True), zip(*during, strict=True), strict=True):
        # Two cores shared with the import itself: slower, but never behind it.
        assert median(during_s) < max(3 * median(before_s), median(before_s) + 1.5), (before, during)
    assert stack.check_invariants().endswith(" 0 violated")
