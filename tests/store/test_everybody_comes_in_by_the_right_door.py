"""Who works in a store lands on its home screen; nobody lands in another's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.retailer import open_retailer
from tests.store.people import PASSWORD, person, tablet

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


def test_after_five_wrong_passwords_the_page_says_how_long_to_wait(client: Client) -> None:
    user = person(role="merchandiser")
    for _ in range(5):
        client.post("/store/sign-in/", {"username": user.username, "password": "wrong"})
    answer = client.post("/store/sign-in/", {"username": user.username, "password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "Wait 15 minutes" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_language_that_was_chosen_is_remembered_with_the_person() -> None:
    user = person(stock_points=("store-a",))
    first, second = Client(), Client()
    first.force_login(user)
    assert first.post("/language/", {"language": "fr", "next": "/store/"})["Location"] == "/store/"
    second.force_login(user)
    assert '<html lang="fr">' in second.get("/store/").content.decode()


def test_a_form_of_an_outdated_page_says_how_to_go_on() -> None:
    answer = Client(enforce_csrf_checks=True).post("/store/sign-in/", {"username": "x", "password": "y"})
    assert answer.status_code == 403
    assert "Nothing was changed. Open the page again" in answer.content.decode()


def test_the_address_of_a_form_leads_back_to_its_page() -> None:
    browser = tablet(role="store_manager", stock_points=("store-a",))
    assert browser.get("/store/reopen/")["Location"] == "/store/pause/"
    assert browser.put("/store/reopen/").status_code == 405
