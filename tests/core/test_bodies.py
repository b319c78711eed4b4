"""A body is read strictly, or not at all."""

import pytest

from tests.support.api import calling, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


def post(body: bytes):
    _, key = make_client()
    return calling(key).post("/api/v1/things/", body, content_type="application/json")


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": 1e999}',
        b'{"name": "a"',
        b"\xff\xfe",
        b'{"name": "\\ud800"}',
        b'{"name": "a\\u0000b"}',
        b'{"name": ["deep", {"nul\\u0000": 1}]}',
        b"[" * 5000 + b"]" * 5000,
    ],
)
def test_what_is_not_strict_json_is_a_400(body):
    answer = post(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_backslash_before_u0000_is_only_text():
    assert post(b'{"name": "a\\\\u0000b"}').status_code == 201


def test_a_list_where_an_object_belongs_is_a_422():
    answer = post(b"[1]")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_a_body_larger_than_allowed_is_a_413(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = post(b'{"name": "' + b"a" * 100 + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.json()["data"] == {"max_bytes": 100}


def test_a_body_as_large_as_allowed_is_read(settings):
    body = b'{"name": "aaaa"}'
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(body)
    assert post(body).status_code == 201


def test_a_nul_in_the_address_is_a_400():
    _, key = make_client()
    answer = calling(key).get("/api/v1/entries/?cursor=%00")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
