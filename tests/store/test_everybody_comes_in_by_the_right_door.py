"""Who works in a store lands on its home screen; nobody lands in another's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.retailer import open_retailer
from tests.store.people import person, tablet

pytestmark = pytest.mark.django_db
HOME = "/store/"


@pytest.fixture(autouse=True)
def _two_stores() -> None:
    open_retailer().add_points(["store-a", "store-b"])


def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_where_they_wanted_to_go() -> None:
    response = Client().get(HOME)
    assert (response.status_code, response["Location"]) == (302, f"{reverse('store:sign-in')}?next={HOME}")


def test_signing_in_leads_to_the_home_screen_of_the_only_store() -> None:
    user = person(stock_points=("store-a",))
    client = Client()
    response = client.post(reverse("store:sign-in"), {"username": user.username, "password": "a-good-password-1"})
    assert response["Location"] == HOME
    assert client.get(HOME).context["stock_point"].code == "store-a"


def test_a_wrong_password_is_told_and_lets_nobody_in() -> None:
    user = person(stock_points=("store-a",))
    client = Client()
    response = client.post(reverse("store:sign-in"), {"username": user.username, "password": "wrong"})
    assert response.status_code == 200
    assert response.context["form"].non_field_errors()
    assert client.get(HOME).status_code == 302


def test_who_works_in_several_stores_says_in_which() -> None:
    client = tablet(stock_points=("store-a", "store-b"))
    assert client.get(HOME)["Location"] == reverse("store:choose")
    client.post(reverse("store:choose"), {"stock_point": "store-b"})
    assert client.get(HOME).context["stock_point"].code == "store-b"


def test_nobody_chooses_a_store_of_others() -> None:
    open_retailer().add_points(["store-c"])
    client = tablet(stock_points=("store-a", "store-b"))
    assert client.post(reverse("store:choose"), {"stock_point": "store-c"}).status_code == 404
    assert client.get(HOME)["Location"] == reverse("store:choose")


def test_who_works_nowhere_is_not_let_in() -> None:
    assert tablet().get(HOME).status_code == 403


@pytest.mark.parametrize(("stock_points", "door"), [(("store-a",), HOME), ((), "/admin/")])
def test_the_front_door_leads_people_to_their_room(stock_points: tuple[str, ...], door: str) -> None:
    assert (
        tablet(role="head_office" if not stock_points else "store_staff", stock_points=stock_points).get("/")[
            "Location"
        ]
        == door
    )
