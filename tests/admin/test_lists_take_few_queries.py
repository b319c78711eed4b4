"""A list of the admin asks the database as often for many rows as for one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oms.core import clock
from oms.core.bulk import Row
from stock.models import PurchaseProposal, StockPoint, Transfer
from stock.services.counting import open_count
from stock.services.setting_aside import set_aside
from tests.admin.people import signed_in
from tests.stock.making import make_point, make_variant, receive

pytestmark = pytest.mark.django_db

LISTS = [
    "stock_transfer",
    "stock_purchaseproposal",
    "stock_stockcount",
    "stock_unavailability",
    "stock_stocklevel",
    "stock_stockmovement",
    "stock_stockpoint",
    "stock_variant",
]


def queries(client: Client, name: str) -> tuple[int, int]:
    """How many rows the list shows, and what it asked for them."""
    address = reverse(f"admin:{name}_changelist")
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        response = client.get(address)
    assert response.status_code == 200
    return len(response.context["cl"].result_list), len(caught)


def row_of_each(giver: StockPoint, number: int) -> None:
    """Each with an article and a place of its own, which the list names."""
    variant, receiver = make_variant(), make_point(f"SHOP-{number}")
    receive(variant, receiver, 5)
    Transfer.objects.create(
        reference=f"TR-{number}",
        variant=variant,
        giver=giver,
        receiver=receiver,
        source="slow",
        quantity=2,
        unit_cost=1,
    )
    today = clock.now().date()
    PurchaseProposal.objects.create(
        variant=variant,
        order_by=today,
        runs_out_on=today,
        quantity=1,
        here=1,
        incoming=0,
        sold=1,
        sold_days=28,
        lead_days=21,
        lead_cases=0,
        safety=1,
        computed_at=clock.now(),
    )
    open_count(reference=f"count-{number}", stock_point=receiver)
    row = {
        "sku": variant.sku,
        "stock_point": receiver.code,
        "quantity": 1,
        "reason": "damaged",
        "reference": f"A-{number}",
    }
    assert not set_aside(rows=[Row(0, row)]).errors


@pytest.mark.parametrize("name", LISTS)
def test_three_rows_are_asked_for_like_one(name: str) -> None:
    giver, office = make_point("DEPOT", kind="warehouse"), signed_in("head_office")
    row_of_each(giver, 1)
    rows, few = queries(office, name)
    for number in (2, 3):
        row_of_each(giver, number)
    assert queries(office, name) == (rows + 2, few)
