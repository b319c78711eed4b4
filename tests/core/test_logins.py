"""Guessing a password is slow work."""

import pytest
from django.db import connection

from oms.core.logins import FAILURES_ALLOWED, UNKNOWN_ADDRESS, address_of
from oms.core.models import LoginFailure, User

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]

URL = "/admin/login/"


@pytest.fixture(autouse=True)
def marie():
    return User.objects.create_superuser("marie", password="right")


def login(client, password, username="marie", address="10.0.0.1"):
    return client.post(URL, {"username": username, "password": password}, REMOTE_ADDR=address)


def fail(client, times=FAILURES_ALLOWED, **login_as):
    for _ in range(times):
        assert login(client, "wrong", **login_as).status_code == 200


def test_a_few_failures_are_forgiven(client):
    fail(client, FAILURES_ALLOWED - 1)
    assert login(client, "right").status_code == 302
    assert LoginFailure.objects.count() == 0


def test_after_too_many_even_the_right_password_is_not_looked_at(client):
    fail(client)
    answer = login(client, "right")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert "_auth_user_id" not in client.session


def test_the_case_of_a_name_does_not_help(client):
    fail(client, 3)
    fail(client, 2, username="MARIE")
    assert login(client, "right").status_code == 429


def test_another_address_and_another_name_are_not_held_back(client):
    fail(client)
    User.objects.create_superuser("luc", password="right")
    assert login(client, "right", address="10.0.0.2").status_code == 302
    client.logout()
    assert login(client, "right", username="luc").status_code == 302


def test_after_a_quarter_of_an_hour_it_may_be_tried_again(client):
    fail(client)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_loginfailure SET at = at - interval '15 min 1 s'")
    assert login(client, "right").status_code == 302


def test_a_name_nobody_has_is_limited_alike(client):
    fail(client, username="nobody")
    assert login(client, "right", username="nobody").status_code == 429


def test_a_name_longer_than_any_is_only_a_failure(client):
    assert login(client, "wrong", username="x" * 150).status_code == 200
    assert login(client, "wrong", username="x" * 5000).status_code == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.9"),
        (1, "6.6.6.6, 7.7.7.7", "7.7.7.7"),
        (2, "5.5.5.5, 6.6.6.6, 7.7.7.7", "6.6.6.6"),
        (2, "7.7.7.7", "10.0.0.9"),
        (1, "nonsense", UNKNOWN_ADDRESS),
    ],
)
def test_only_our_own_proxies_are_believed(rf, settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    assert address_of(rf.get("/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=forwarded)) == address
