"""What the tests before a browser and those that count queries visit is every screen there is."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories.retailer import open_retailer
from tests.store.furnished import BEFORE_THE_DOOR, NO_SCREEN, Furnished, customers_pages, furnish, routes

pytestmark = pytest.mark.django_db

MOST = 40


@pytest.fixture
def furnished() -> Furnished:
    return furnish(open_retailer())


def test_every_route_is_named_and_opens(furnished: Furnished) -> None:
    assert sorted(routes()) == sorted([*furnished.addresses, *NO_SCREEN, *BEFORE_THE_DOOR])
    assert sorted([*routes("order/"), *routes("pay/")]) == sorted(customers_pages())
    tablet = Client()
    tablet.force_login(furnished.manager)
    answers = {name: tablet.get(address).status_code for name, address in furnished.addresses.items()}
    assert {name: status for name, status in answers.items() if status != 200} == {}
    answers = {name: Client().get(address).status_code for name, address in customers_pages().items()}
    assert set(answers.values()) == {200}


def queries(many: int) -> dict[str, int]:
    """By screen, where everything is there `many` times; nothing of it stays."""
    with transaction.atomic():
        furnished = furnish(open_retailer(), many)
        tablet, found = Client(), {}
        tablet.force_login(furnished.manager)
        for name, address in {**furnished.addresses, **customers_pages()}.items():
            tablet.get(address)
            with CaptureQueriesContext(connection) as caught:
                assert tablet.get(address).status_code == 200, name
            found[name] = len(caught)
        transaction.set_rollback(True)
    return found


def test_every_screen_asks_as_often_for_many_as_for_one() -> None:
    one, three = queries(1), queries(3)
    assert {name: (one[name], asked) for name, asked in three.items() if asked != one[name]} == {}
    assert max(three.values()) <= MOST
