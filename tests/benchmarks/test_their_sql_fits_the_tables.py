"""The benchmarks' hand-written SQL writes into the product's tables: a column more must not pass it by unseen."""

from __future__ import annotations

from contextlib import closing

import pytest
from django.db import connection

from benchmarks.databases import SQL
from benchmarks.placing import LINES, Shop
from stock.models import StockLevel, StockMovement

VARIANTS, POINTS = 3, 2


@pytest.mark.django_db
def test_the_network_of_the_imports_can_be_written() -> None:
    script = (SQL / "stock_network.sql").read_text()
    script = script.replace(":variants", str(VARIANTS)).replace(":points", str(POINTS))
    statements = [
        each for each in script.split(";\n") if each.strip() and not each.startswith(("VACUUM", "CHECKPOINT"))
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    assert StockLevel.objects.filter(on_hand=50).count() == VARIANTS * POINTS
    assert StockMovement.objects.count() == VARIANTS * POINTS


@pytest.mark.django_db(transaction=True)
def test_an_order_by_hand_writes_the_rows_the_product_writes() -> None:
    shop = Shop(_url(), points=POINTS)
    written = {}
    with closing(shop.connection):
        for name, place in {"by hand": shop.by_hand, "product": shop.product}.items():
            before = shop.counts()
            place(list(range(LINES)))
            written[name] = [after - earlier for after, earlier in zip(shop.counts(), before, strict=True)]
    assert written["by hand"] == written["product"]
    assert all(written["product"])


def _url() -> str:
    given = connection.get_connection_params()
    return " ".join(f"{key}={given[key]}" for key in ("dbname", "host", "port", "user", "password") if given.get(key))
