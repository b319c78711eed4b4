"""Every refusal is a problem with a stable code."""

import pytest

from tests.core import urls
from tests.support.api import calling, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


@pytest.fixture
def api():
    _, key = make_client()
    return calling(key)


def test_a_refusal_tells_type_title_status_code_detail_and_data(api):
    answer = api.get("/api/v1/refusals/conflict/")
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:halles:problem:state_conflict",
        "title": "Conflict",
        "status": 409,
        "code": "state_conflict",
        "detail": "It is shipped.",
        "data": {"state": "shipped"},
    }


def test_an_error_by_field_is_told_with_its_field(api):
    answer = api.get("/api/v1/refusals/invalid/")
    assert answer.status_code == 422
    assert answer.json()["errors"] == {"quantity": ["Too many."]}


def test_what_is_not_there_is_a_404(api):
    answer = api.get("/api/v1/refusals/missing/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_passing_trouble_is_a_503_that_says_when_to_try_again(api):
    answer = api.get("/api/v1/refusals/later/")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "try_again", "1")


def test_a_wrong_field_is_a_422_that_names_it(api):
    answer = api.post("/api/v1/things/", {"name": "a", "lines": [{"sku": "A", "quantity": 0}]})
    assert answer.status_code == 422
    assert answer.json() == {
        "type": "urn:halles:problem:invalid",
        "title": "Unprocessable Entity",
        "status": 422,
        "code": "invalid",
        "detail": "lines.0.quantity: Ensure this value is greater than or equal to 1.",
        "errors": {"lines": {"0": {"quantity": ["Ensure this value is greater than or equal to 1."]}}},
    }


def test_an_unknown_field_is_a_422_beside_the_other_errors(api):
    answer = api.post("/api/v1/things/", {"nom": "a", "lines": [{"sku": "A", "quantity": 1, "qty": 2}]})
    assert answer.status_code == 422
    assert answer.json()["errors"] == {
        "name": ["This field is required."],
        "lines": {"0": {"qty": ["Unknown field."]}},
        "nom": ["Unknown field."],
    }


def test_a_field_that_only_we_write_is_refused(api):
    answer = api.post("/api/v1/things/", {"name": "a", "number": 7})
    assert (answer.status_code, answer.json()["errors"]) == (422, {"number": ["Unknown field."]})


def test_another_method_is_a_405_that_names_the_allowed_ones(api):
    answer = api.delete("/api/v1/things/")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_a_form_we_cannot_answer_in_is_a_406(api):
    answer = api.get("/api/v1/things/", HTTP_ACCEPT="text/html")
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_another_media_type_is_a_415(api):
    answer = api.post("/api/v1/things/", "name=a", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_an_address_nobody_answers_is_a_problem_too(client):
    answer = client.get("/api/v1/nowhere/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_a_bug_is_a_500_that_tells_nothing_of_itself(api):
    api.raise_request_exception = False
    api.handler.raise_request_exception = False
    answer = api.get("/api/v1/refusals/bug/")
    assert answer.status_code == 500
    assert answer.json()["code"] == "server_error"
    assert "ZeroDivisionError" not in answer.content.decode()


def test_a_conflict_the_database_could_not_settle_is_a_503(api, monkeypatch):
    from django.db import OperationalError
    from psycopg.errors import DeadlockDetected

    def deadlock():
        raise OperationalError("deadlock detected") from DeadlockDetected()

    monkeypatch.setattr(urls, "during", [deadlock])
    answer = api.post("/api/v1/things/", {"name": "a"})
    assert (answer.status_code, answer.json()["code"]) == (503, "try_again")
