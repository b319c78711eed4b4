"""The link in the mail: not to be guessed, good for one order, through a change of keys too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Order
from orders.queries.tracking_links import tracking_token
from tests.factories.retailer import Retailer, answered

pytestmark = pytest.mark.django_db


def status(token: str) -> int:
    return Client().get(f"/order/{token}/").status_code


def test_the_address_is_the_apis(retailer: Retailer, settings: Any) -> None:
    settings.PUBLIC_URL = "https://shop.example"
    order = retailer.place({"shirt": 1})

    url = order["tracking_url"]
    assert url == f"https://shop.example/order/{tracking_token(order['number'])}/"
    assert Client().get(url.removeprefix("https://shop.example")).status_code == 200


def test_it_tells_the_number_and_nothing_else(retailer: Retailer) -> None:
    number = retailer.place({"shirt": 1})["number"]
    known, _, signature = tracking_token(number).partition(".")

    assert known == number
    assert len(signature) >= 43  # 256 bits


def test_any_other_token_is_not_found(retailer: Retailer) -> None:
    one, other = (retailer.place({"shirt": 1})["number"] for _ in range(2))
    token = tracking_token(one)
    swapped = f"{other}.{token.partition('.')[2]}"
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")

    assert status(token) == 200
    for wrong in (one, f"{one}.", swapped, changed, token.lower(), "x", tracking_token("H0000000000000")):
        assert status(wrong) == 404, wrong
    assert status("%00") == 400


@pytest.mark.parametrize("name", ["order", "pay"])
@pytest.mark.parametrize(
    ("language", "said"), [("en", "This link leads nowhere"), ("fr", "Ce lien ne mène nulle part")]
)
def test_a_broken_link_is_told_in_words_with_the_way_on(settings: Any, name: str, language: str, said: str) -> None:
    settings.DEBUG = True
    page = Client(headers={"accept-language": language}).get(reverse(f"public:{name}", args=["H1.cut"]))
    assert page.status_code == 404
    assert said in page.content.decode()
    assert reverse("public:find") in page.content.decode()
    assert "URLconf" not in page.content.decode()


def test_links_survive_a_new_secret_key(retailer: Retailer, settings: Any) -> None:
    token = tracking_token(retailer.place({"shirt": 1})["number"])
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another key, long enough to be one"
    assert status(token) == 404

    settings.SECRET_KEY_FALLBACKS = [old]
    assert status(token) == 200


def test_an_attempt_whose_payment_was_refused_has_no_page(retailer: Retailer) -> None:
    body = retailer.order_body({"shirt": 1}, payments=[{"gateway": "simulated", "method": "card", "token": "refuse"}])
    answered(retailer.api.post("/orders/", body), 402)

    assert status(tracking_token(Order.objects.get().number)) == 404


def test_the_page_is_kept_by_nobody(retailer: Retailer) -> None:
    answer = Client().get(f"/order/{tracking_token(retailer.place({'shirt': 1})['number'])}/")

    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]  # only our own files: default-src 'self'
    assert "style=" not in answer.content.decode()


def test_nothing_personal_stands_on_it(retailer: Retailer) -> None:
    order = retailer.place({"shirt": 1})
    shown = Client().get(f"/order/{tracking_token(order['number'])}/").content.decode()

    customer, address = order["customer"], order["shipping_address"]
    for secret in (customer["name"], customer["email"], customer["phone"], address["line1"], address["city"]):
        assert secret
        assert secret not in shown
