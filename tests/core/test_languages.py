"""In which language somebody is answered."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from oms.core.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def camille() -> User:
    return User.objects.create_superuser("camille", password="x", language="fr")


def test_a_person_in_the_language_of_their_profile(client: Client, camille: User) -> None:
    client.force_login(camille)

    answer = client.get("/admin/orders/order/", headers={"Accept-Language": "en"})

    assert answer.headers["Content-Language"] == "fr"
    assert "Commandes" in answer.text or "commandes" in answer.text


def test_a_language_chosen_here_wins_over_the_profile(client: Client, camille: User) -> None:
    client.force_login(camille)
    client.cookies["django_language"] = "en"

    assert client.get("/admin/orders/order/").headers["Content-Language"] == "en"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_stranger_in_the_language_of_the_browser(client: Client, language: str) -> None:
    answer = client.get("/admin/login/", headers={"Accept-Language": language})

    assert answer.headers["Content-Language"] == language


@pytest.mark.parametrize("path", ["/api/v1/orders/", "/api/v1/nothing-here/"])
def test_a_program_in_english_whatever_it_asks_for(client: Client, path: str) -> None:
    english = client.get(path, headers={"Accept-Language": "en"})
    french = client.get(path, headers={"Accept-Language": "fr"})

    assert french.json()["detail"] == english.json()["detail"]
    assert french.headers["Content-Language"] == "en"


@pytest.mark.parametrize(("language", "told"), [("en", "28 Nov 2026, 14:25"), ("fr", "28 nov. 2026 14:25")])
def test_a_moment_is_written_as_the_language_writes_it(language: str, told: str) -> None:
    with translation.override(language):
        assert date_format(datetime(2026, 11, 28, 14, 25), "DATETIME_FORMAT") == told
