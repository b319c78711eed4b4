"""Goods to come are cancelled in the admin while orders wait for them: what is shown then, and in the end."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from oms.core.services.relaying import drain_events
from stock.models import ExpectedReceipt
from tests.admin.people import signed_in
from tests.orders.conftest import Shop
from tests.orders.making import place
from tests.orders.test_orders_wait_for_what_is_expected import allow
from tests.stock.making import expect
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db

LIST = reverse("admin:stock_expectedreceipt_changelist")


@pytest.mark.parametrize(
    ("language", "told", "standing"),
    [
        (
            "en",
            "3 units that were promised of it are being planned anew: their orders take them from elsewhere, or wait.",
            "cancelled: what was promised of it is being planned anew",
        ),
        (
            "fr",
            "3 unités qui en étaient promises sont replanifiées\u00a0: leurs commandes les prennent ailleurs, "
            "ou attendent.",
            "annulé\u00a0: ce qui en était promis est replanifié",
        ),
    ],
)
def test_its_promises_are_said_to_be_planned_anew_until_they_are(
    shop: Shop, language: str, told: str, standing: str
) -> None:
    allow(shop, allows_preorders=True)
    (sku, *_), (shirt, *_) = shop.skus, shop.variants
    place(shop.channel, {sku: 10})
    receipt = expect(shirt, shop.near, 9)
    later = expect(shirt, shop.near, 9, reference="PO-2", days=20)
    place(shop.channel, {sku: 3})
    drain_events()
    client = signed_in("head_office", language=language)
    page = reverse("admin:stock_expectedreceipt_change", args=[receipt.pk])
    answer = client.post(page, {"kind": "purchase", "quantity": 0, "expected_on": receipt.expected_on.isoformat()})
    assert next(str(message) for message in get_messages(answer.wsgi_request)) == told
    assert standing in client.get(page).content.decode()
    assert standing in client.get(LIST).content.decode()
    drain_events()
    assert standing not in client.get(page).content.decode()
    assert list(ExpectedReceipt.objects.order_by("pk").values_list("pk", "reserved")) == [
        (receipt.pk, 0),
        (later.pk, 3),
    ]
    assert_invariants_hold()
