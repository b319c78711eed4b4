"""What customer service and channels look orders up by is found without reading every order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from orders.models import Order, Payment


@pytest.fixture(autouse=True)
def _a_full_table(db: None) -> Iterator[None]:
    """A table of a few rows is read whole whatever its indexes; this one is to be planned as if it were large."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    yield


def plan(rows: QuerySet[Any]) -> str:
    return rows.order_by().explain()


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({"external_reference": "web-1"}, "order_by_external_reference"),
        ({"customer_email": "camille@example.org"}, "order_by_customer_email"),
    ],
)
def test_an_order_by_what_it_is_asked_for(wanted: dict[str, str], index: str) -> None:
    assert f"Index Cond: (({next(iter(wanted))})::text" in plan(Order.objects.filter(**wanted))
    assert index in plan(Order.objects.filter(**wanted))


def test_payments_with_a_rest() -> None:
    assert "payment_unsettled" in plan(Payment.objects.unsettled())
