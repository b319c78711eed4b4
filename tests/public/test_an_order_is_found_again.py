"""By its number and e-mail, and not by guessing."""

from __future__ import annotations

import pytest
from django.test import Client

from oms.public.finding import MISSES_ALLOWED, MISSES_ALLOWED_PER_ADDRESS
from orders.queries.tracking_links import tracking_token
from tests.factories.retailer import Retailer
from tests.public.reading import placed

pytestmark = pytest.mark.django_db

EMAIL = "camille@example.org"


def asked(number: str, email: str = EMAIL, *, address: str = "192.0.2.1") -> tuple[int, str]:
    answer = Client(REMOTE_ADDR=address).post("/order/", {"number": number, "email": email})
    return answer.status_code, answer.headers.get("Location", "")


def test_both_right_lead_to_its_page(retailer: Retailer) -> None:
    number = placed(retailer)
    page = f"/order/{tracking_token(number)}/"

    assert asked(number) == (302, page)
    assert asked(f" {number[:5].lower()}-{number[5:]} ", "Camille@Example.org") == (302, page)


def test_either_wrong_is_refused_alike(retailer: Retailer) -> None:
    number = placed(retailer)
    answers = {
        Client().post("/order/", {"number": given, "email": email}).content.decode().count("We find no order")
        for given, email in ((number, "other@example.org"), ("H2611AAAAAAAAA", EMAIL))
    }
    assert answers == {1}


def test_after_a_few_misses_even_the_right_one_is_refused_there(retailer: Retailer) -> None:
    number = placed(retailer)
    for _ in range(MISSES_ALLOWED):
        assert asked(number, "guess@example.org")[0] == 200
    assert asked(number)[0] == 429
    assert asked(number, address="192.0.2.2")[0] == 302  # the customer is not locked out by somebody else


def test_many_numbers_from_one_address_are_refused_too(retailer: Retailer) -> None:
    number = placed(retailer)
    for guess in range(MISSES_ALLOWED_PER_ADDRESS):
        assert asked(f"H2611{guess:09d}")[0] == 200
    assert asked(number)[0] == 429


def test_a_form_left_empty_says_what_is_missing(retailer: Retailer) -> None:
    answer = Client().post("/order/", {"number": "", "email": "no address"})

    assert answer.status_code == 200
    assert "This field is required." in answer.content.decode()
