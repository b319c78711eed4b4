"""A list of the admin asks the database as often for many rows as for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oms.core import clock
from oms.core.bulk import Row
from oms.core.models import ApiClient, User
from oms.core.today import today as the_day_it_is
from oms.integrations.models import WebhookEndpoint
from stock.models import (
    Banner,
    PurchaseProposal,
    StockImport,
    StockPoint,
    StockPointGroup,
    StockSource,
    Transfer,
    Variant,
)
from stock.services.counting import open_count
from stock.services.setting_aside import set_aside
from tests.admin.people import signed_in
from tests.factories.retailer import open_retailer
from tests.stock.making import make_point, make_variant, receive
from tests.store.furnished import furnish
from tests.support.filling import filled

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
    today = the_day_it_is()
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


AT_ONE = {"kind": "", "category": ""}
# What the shop of `furnish` has none or one of, however large it is; parents before their children.
FILLED: dict[str, Callable[[int], dict[str, Any]]] = {
    "auth_group": lambda n: {},
    "core_apiclient": lambda n: {},
    "core_user": lambda n: {},
    "core_idempotencyrecord": lambda n: {},
    "core_webhooksecret": lambda n: {},
    "stock_banner": lambda n: {},
    "stock_saleschannel": lambda n: {"banner": last(Banner)},
    "stock_stockpointgroup": lambda n: {},
    "stock_product": lambda n: {},
    "stock_stocksource": lambda n: {},
    "stock_stockimport": lambda n: {},
    "stock_quarantinedfigure": lambda n: {"stock_import": last(StockImport), "source": last(StockSource)},
    "stock_catalogueimport": lambda n: {},
    "stock_leveldifference": lambda n: {"kept": n, "proven": n + 1},
    "stock_protectionrule": lambda n: {
        "quantity": 1,
        "kind": "",
        "category": "",
        "stock_point": last(StockPoint),
        "variant": last(Variant),
    },
    "stock_protectionpreview": lambda n: {"rule": {"id": None, "code": str(n)}},
    "stock_pendingprotection": lambda n: {},
    "stock_channelallotment": lambda n: {"quantity": 1, "variant": last(Variant), "category": ""},
    "stock_channelmember": lambda n: {"user": last(User)},
    "stock_clientaccess": lambda n: {"client": nth(ApiClient, n)},
    "stock_replenishmentpolicy": lambda n: {"group": nth(StockPointGroup, n), "cover_days": 9},
    "returns_returnpolicy": lambda n: {"banner": nth(Banner, n)},
    "orchestration_carrierservice": lambda n: {},
    "orchestration_pickuptimes": lambda n: {"stock_point": last(StockPoint), "mon": [time(16)]},
    "orchestration_ruleset": lambda n: {},
    "orchestration_capacityuse": lambda n: {"stock_point": last(StockPoint)},
    "orchestration_learnedpreparation": lambda n: {"stock_point": last(StockPoint), "band": n - FIRST, "load": 0},
    "orchestration_learnedtransit": lambda n: {},
    "orchestration_postcode": lambda n: {},
    "orders_orderbatch": lambda n: {"stock_point": last(StockPoint)},
    "orders_orderbatchrow": lambda n: {},
    "orders_promisealert": lambda n: {"outcome": ""},
    "integrations_webhookendpoint": lambda n: {"client": last(ApiClient)},
    "integrations_webhookmessage": lambda n: {"endpoint": last(WebhookEndpoint)},
}
# One row for the whole retailer.
ALONE = {"orchestration_learningpolicy"}
FIRST = 60
A_PAGE = 50


def last(model: type[Model]) -> Model | None:
    return model._default_manager.order_by("pk").last()


def nth(model: type[Model], number: int) -> Model:
    """Of those filled in before, the newest first."""
    return model._default_manager.order_by("-pk")[number - FIRST]


def asked(many: int) -> dict[str, tuple[int, int]]:
    """By list of the admin: its rows, and what it asked for them. Nothing of it stays."""
    with transaction.atomic():
        furnish(open_retailer(), many)
        office = Client()
        office.force_login(User.objects.create_superuser("office", password="x"))
        for name, known in FILLED.items():
            for number in range(FIRST, FIRST + many):
                filled(apps.get_model(name.replace("_", ".", 1)), number, **known(number))
        found = {name: queries(office, name) for name in every_list()}
        transaction.set_rollback(True)
    return found


def every_list() -> list[str]:
    models = (model._meta for model in admin.site._registry)
    return [f"{meta.app_label}_{meta.model_name}" for meta in models]


def test_every_list_of_a_larger_shop_asks_as_often() -> None:
    small, large = asked(1), asked(3)
    assert {name: (small[name], told) for name, told in large.items() if told[1] != small[name][1]} == {}
    grown = {name for name, (rows, _) in large.items() if rows > small[name][0] > 0 or rows == A_PAGE}
    assert set(large) - grown - set(LISTS) == ALONE
