"""Whether a delta is joined with all levels of its stock points is known without counting them all."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from stock.feeds import comparing
from stock.models import StockLevel
from tests.stock.feeds.feeding import feed, file_of
from tests.stock.making import make_point, make_variant
from tests.support.plans import rows_read_by

pytestmark = pytest.mark.django_db

LINES = 10


@pytest.mark.parametrize(("levels", "counted"), [(15, 15), (300, comparing.WIDE_SHARE * LINES + 1)])
def test_counts_no_further_than_where_joining_them_ceases_to_pay(
    monkeypatch: pytest.MonkeyPatch, levels: int, counted: int
) -> None:
    monkeypatch.setattr(comparing, "WIDE_FROM", LINES)
    point = make_point("paris")
    articles = [make_variant(f"S{number}") for number in range(levels)]
    StockLevel.objects.bulk_create(StockLevel(variant=each, stock_point=point, on_hand=1) for each in articles)
    read: list[int] = []

    def watch(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        if "count(*)" in sql and "FROM stock_stocklevel WHERE stock_point_id = ANY" in sql and "EXPLAIN" not in sql:
            read.append(rows_read_by(sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(watch):
        applied = feed(file_of(*(f"S{number},paris,5" for number in range(LINES))))
    assert (read, applied.applied) == ([counted], LINES)
