"""Whatever is typed, scanned or sent by a program: a page or a refusal, never an error of the server."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from tests.store.making import Shop
from tests.store.people import tablet
from tests.store.test_every_page_is_its_stores_own import offered, sheet, waiting

pytestmark = pytest.mark.django_db

ODD = ("\x00", "9" * 5000, "²", "٣", "-1", "1e3", "a" * 3000, "%_\\'\"<b>", "\ud7ff\U0010ffff")

READ = {
    "choose": ("q",),
    "prepare": ("show",),
    "pick": ("work",),
    "counter": ("q", "show"),
    "returns": ("q", "show"),
    "sell": ("q", "page"),
    "sell-delivery": ("seen",),
    "sell-customer": ("contact", "from"),
    "counts": ("sku",),
}
SENT = {
    "choose": ("stock_point",),
    "pause": ("until", "accepted"),
    "prepare-accept": ("work",),
    "prepare-hand-over": ("work",),
    "pick": ("work", "save"),
    "pick-scan": ("work", "code"),
    "receive": ("scanned",),
    "counts": ("category",),
    "sell-line-add": ("sku", "quantity", "way"),
    "sell-destination": ("postcode", "country", "pickup_point"),
    "sell-delivery": ("option",),
    "sell-customer": ("name", "email", "phone"),
    "sell-payment": ("means",),
    "return-blind": ("scan", "scanned", "manager", "pin"),
}


@pytest.fixture
def visitor(shop: Shop) -> Client:
    client = tablet(role="store_manager", stock_points=("store-a",))
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value[:6]))
def test_in_the_address(visitor: Client, value: str) -> None:
    failed = [
        f"{name}?{field}="
        for name, fields in READ.items()
        for field in fields
        if visitor.get(reverse(f"store:{name}"), {field: value}).status_code >= 500
    ]
    assert failed == []


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value[:6]))
def test_in_a_form(visitor: Client, value: str) -> None:
    failed = []
    for name, fields in SENT.items():
        for field in fields:
            given = dict.fromkeys(fields, "1") | {field: value, "action_key": str(uuid.uuid4())}
            if visitor.post(reverse(f"store:{name}"), given).status_code >= 500:
                failed.append(f"{name} {field}")
    assert failed == []


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value[:6]))
def test_in_the_form_of_an_object(visitor: Client, shop: Shop, value: str) -> None:
    work, ready = offered(shop), waiting(shop)
    forms = {
        reverse("store:work-decline", args=[work["id"]]): {"reason": value, "units-1": value},
        reverse("store:counter-pickup", args=[ready["id"]]): {"check": "code", "code": value, "taken-1": value},
        reverse("store:count", args=[sheet(shop)]): {"code": value, "counted": value},
        reverse("store:return-ask", args=["H1"]): {"units-1": value},
    }
    failed = []
    for address, fields in forms.items():
        if visitor.post(address, fields | {"action_key": str(uuid.uuid4())}).status_code >= 500:
            failed.append(address)
    assert failed == []
