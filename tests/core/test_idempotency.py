"""The same key and body have one effect and one answer."""

import pytest

from oms.core.models import AuditEntry, IdempotencyRecord
from oms.core.services import idempotency
from tests.core import urls
from tests.support.api import calling, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]

URL = "/api/v1/things/"


@pytest.fixture
def key():
    return make_client()[1]


@pytest.fixture
def post(key):
    def send(body, idempotency_key="k1", path=URL):
        headers = {} if idempotency_key is None else {"HTTP_IDEMPOTENCY_KEY": idempotency_key}
        return calling(key, **headers).post(path, body)

    return send


def made() -> int:
    return AuditEntry.objects.filter(action="thing.made").count()


def test_the_same_key_and_body_get_the_recorded_answer(post):
    first, second = post({"name": "a"}), post({"name": "a"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second["Content-Type"] == first["Content-Type"] == "application/json"
    assert (first.get("Idempotent-Replayed"), second.get("Idempotent-Replayed")) == (None, "true")
    assert made() == 1


def test_without_a_key_each_request_has_its_effect(post):
    post({"name": "a"}, None)
    post({"name": "a"}, None)
    assert (made(), IdempotencyRecord.objects.count()) == (2, 0)


def test_the_order_of_fields_does_not_make_another_body(post):
    post({"name": "a", "lines": [{"sku": "A", "quantity": 1}]})
    again = post({"lines": [{"quantity": 1, "sku": "A"}], "name": "a"})
    assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")


def test_the_same_key_with_another_body_is_a_422(post):
    post({"name": "a"})
    answer = post({"name": "b"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert made() == 1


def test_the_same_key_at_another_address_is_a_422(post):
    post({"name": "a"})
    answer = post({"name": "a"}, path=f"{URL}?dry=1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_keys_belong_to_their_client(post):
    post({"name": "a"})
    _, other = make_client("other-shop")
    answer = calling(other, HTTP_IDEMPOTENCY_KEY="k1").post(URL, {"name": "b"})
    assert (answer.status_code, made()) == (201, 2)


def test_a_refusal_is_recorded_too(post):
    first, second = post({}), post({})
    assert (first.status_code, second.status_code) == (422, 422)
    assert first.content == second.content
    assert second["Content-Type"] == "application/problem+json"
    assert second["Idempotent-Replayed"] == "true"


def test_a_server_error_is_not_recorded(post, key, monkeypatch):
    def crash():
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(urls, "during", [crash])
    with pytest.raises(ZeroDivisionError):
        post({"name": "a"})
    assert IdempotencyRecord.objects.count() == 0
    assert post({"name": "a"}).status_code == 201


def test_a_passing_trouble_is_not_recorded(post, monkeypatch):
    from oms.core.errors import Retryable

    def later():
        raise Retryable

    monkeypatch.setattr(urls, "during", [later])
    assert post({"name": "a"}).status_code == 503
    answer = post({"name": "a"})
    assert (answer.status_code, answer.get("Idempotent-Replayed")) == (201, None)


def test_a_request_without_the_scope_leaves_no_key():
    _, key = make_client("reader", ["stock:read"])
    assert calling(key, HTTP_IDEMPOTENCY_KEY="k1").post(URL, {"name": "a"}).status_code == 403
    assert IdempotencyRecord.objects.count() == 0


def test_a_body_that_cannot_be_read_leaves_no_key(key):
    answer = calling(key, HTTP_IDEMPOTENCY_KEY="k1").post(URL, b"{", content_type="application/json")
    assert (answer.status_code, IdempotencyRecord.objects.count()) == (400, 0)


@pytest.mark.parametrize(("length", "status"), [(0, 422), (255, 201), (256, 422)])
def test_a_key_has_1_to_255_characters(post, length, status):
    assert post({"name": "a"}, "k" * length).status_code == status


def test_while_the_first_still_runs_the_second_is_told_so(post, key):
    client = IdempotencyRecord.client.field.related_model.objects.get()
    request_hash = idempotency.hash_of_request(f"POST {URL}", {"name": "a"})
    idempotency.claim_key(client=client, key="k1", request_hash=request_hash)
    answer = post({"name": "a"})
    assert (answer.status_code, answer.json()["code"], made()) == (409, "in_progress", 0)


def test_a_key_whose_worker_died_is_taken_over_when_its_lease_ends(post):
    client = IdempotencyRecord.client.field.related_model.objects.get()
    request_hash = idempotency.hash_of_request(f"POST {URL}", {"name": "a"})
    dead = idempotency.claim_key(client=client, key="k1", request_hash=request_hash, lease_s=-1)
    answer = post({"name": "a"})
    assert (answer.status_code, made()) == (201, 1)
    # The dead one turns out to be only slow: its answer comes too late to replace the recorded one.
    idempotency.record_answer(lease=dead, status=500, content_type="text/plain", body=b"late")
    idempotency.release_key(lease=dead)
    assert post({"name": "a"}).content == answer.content


def test_a_lost_lease_of_another_body_is_still_another_request(post):
    client = IdempotencyRecord.client.field.related_model.objects.get()
    idempotency.claim_key(client=client, key="k1", request_hash="0" * 64, lease_s=-1)
    assert post({"name": "a"}).json()["code"] == "idempotency_key_reused"


def test_files_are_part_of_what_makes_a_request_the_same():
    from django.core.files.base import ContentFile

    def hash_with(content: bytes) -> str:
        return idempotency.hash_of_request("POST /", {"kind": ["delta"]}, files=[("file", ContentFile(content))])

    assert hash_with(b"a") == hash_with(b"a")
    assert hash_with(b"a") != hash_with(b"b")
