"""Two copies of a request at the same moment: one effect, whoever is first."""

import threading

import pytest

from oms.core.models import AuditEntry
from tests.core import urls
from tests.support.api import calling, make_client
from tests.support.concurrently import Elsewhere, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.core.urls")]

URL = "/api/v1/things/"


def made() -> int:
    return AuditEntry.objects.filter(action="thing.made").count()


def test_a_second_copy_during_the_first_is_told_that_it_runs(monkeypatch):
    _, key = make_client()
    in_the_middle, go_on = threading.Event(), threading.Event()

    def pause():
        in_the_middle.set()
        assert go_on.wait(30)

    monkeypatch.setattr(urls, "during", [pause])

    def post():
        return calling(key, HTTP_IDEMPOTENCY_KEY="k1").post(URL, {"name": "a"})

    with Elsewhere(post) as first:
        assert in_the_middle.wait(30)
        second = post()
        go_on.set()
        assert first.result().status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "in_progress")
    assert made() == 1
    assert post()["Idempotent-Replayed"] == "true"


def test_ten_copies_at_once_have_one_effect():
    _, key = make_client()
    answers = at_once([lambda: calling(key, HTTP_IDEMPOTENCY_KEY="k1").post(URL, {"name": "a"})] * 10)
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(201) >= 1
    assert set(statuses) <= {201, 409}
    assert made() == 1


def test_without_a_key_ten_copies_have_ten_effects():
    """The negative control: nothing else than the key holds them back."""
    _, key = make_client()
    at_once([lambda: calling(key).post(URL, {"name": "a"})] * 10)
    assert made() == 10
