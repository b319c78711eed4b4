"""Who calls is proven by a key, and only by that."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from oms.core.models import ApiClient, User
from oms.core.services.clients import change_client, create_client, hash_of_key, renew_key
from tests.support.api import calling, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]

URL = "/api/v1/things/"


def test_a_key_opens_the_api_as_its_client():
    _, key = make_client("web-shop")
    assert calling(key).get(URL).json() == {"actor": "web-shop"}


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Bearer a b", "Bearer halles_00000000_x", "Basic abc"])
def test_a_bad_key_is_a_401_that_names_the_scheme(header):
    make_client()
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=header)
    answer = api.get(URL)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_no_key_is_a_401():
    answer = APIClient().get(URL)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


def test_the_right_prefix_with_another_secret_is_a_401():
    client, _ = make_client()
    assert calling(f"{client.key_prefix}_{'A' * 43}").get(URL).status_code == 401


def test_a_signed_in_person_is_not_a_program():
    api = APIClient()
    api.force_login(User.objects.create_superuser("root", password="x"))
    assert api.get(URL).status_code == 401


def test_an_inactive_client_is_a_401():
    client, key = make_client()
    change_client(client=client, scopes=client.scopes, is_active=False)
    assert calling(key).get(URL).status_code == 401


def test_a_renewed_key_replaces_the_old_one():
    client, old = make_client()
    new = renew_key(client=client)
    assert calling(old).get(URL).status_code == 401
    assert calling(new).get(URL).status_code == 200


def test_the_key_is_kept_as_a_hash_only():
    client, key = make_client()
    assert client.key_hash == hash_of_key(key)
    assert key not in str(ApiClient.objects.filter(pk=client.pk).values_list().get())
    assert len(key.split("_", 2)[2]) == 43  # 256 random bits


def test_the_use_of_a_key_is_noted_once_a_minute(django_assert_num_queries):
    client, key = make_client()
    api = calling(key)
    api.get(URL)
    client.refresh_from_db()
    first = client.last_used_at
    assert first is not None
    with django_assert_num_queries(1):  # the client itself, nothing written
        api.get(URL)
    ApiClient.objects.filter(pk=client.pk).update(last_used_at=first - timedelta(seconds=61))
    with django_assert_num_queries(2):
        api.get(URL)


def test_a_client_with_an_unknown_scope_is_not_created():
    from oms.core.errors import Invalid

    with pytest.raises(Invalid, match="Unknown scope: orders:everything"):
        create_client(name="x", scopes=["orders:everything"])
    assert ApiClient.objects.count() == 0


def test_two_clients_cannot_share_a_name():
    from oms.core.errors import Invalid

    make_client("web-shop")
    with pytest.raises(Invalid, match="already is a client named web-shop"):
        make_client("web-shop")


def test_what_a_client_does_is_recorded_as_done_by_it():
    from oms.core.models import AuditEntry

    _, key = make_client("web-shop")
    calling(key).post(URL, {"name": "a"})
    assert AuditEntry.objects.get(action="thing.made").actor == "client:web-shop"


def test_the_actor_is_forgotten_after_the_request():
    from oms.core.actors import current_actor

    _, key = make_client("web-shop")
    calling(key).get(URL)
    assert current_actor() == "system"
