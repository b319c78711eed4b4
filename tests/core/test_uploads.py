"""A file is taken up to its limit, and once."""

import pytest
from django.core.files.base import ContentFile

from oms.core.models import AuditEntry
from tests.support.api import calling, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


@pytest.fixture
def upload():
    _, key = make_client()

    def send(content: bytes, idempotency_key: str = "k1"):
        body = {"source": "erp", "file": ContentFile(content, "stock.csv")}
        return calling(key, HTTP_IDEMPOTENCY_KEY=idempotency_key).post("/api/v1/files/", body, format="multipart")

    return send


def received() -> int:
    return AuditEntry.objects.filter(action="file.received").count()


def test_a_file_within_the_limit_is_taken(upload):
    assert upload(b"x" * 15_000).json() == {"bytes": 15_000}


def test_a_file_beyond_the_limit_is_a_413_and_is_not_read(upload):
    answer = upload(b"x" * 25_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.json()["data"] == {"max_bytes": 20_000}
    assert received() == 0


def test_the_same_key_and_file_have_one_effect(upload):
    first, second = upload(b"a,1"), upload(b"a,1")
    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    assert received() == 1


def test_the_same_key_with_another_file_is_refused(upload):
    upload(b"a,1")
    assert upload(b"a,2").json()["code"] == "idempotency_key_reused"
    assert received() == 1
