"""A bulk PUT applies its valid rows and tells of the others by index."""

import pytest

from oms.core.models import AuditEntry
from tests.support.api import calling, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


@pytest.fixture
def put():
    _, key = make_client()
    api = calling(key)
    return lambda rows: api.put("/api/v1/thing-rows/", rows)


def written():
    return list(AuditEntry.objects.filter(action="row.written").order_by("id").values_list("changes", flat=True))


def test_good_rows_are_written_beside_bad_ones(put):
    answer = put([{"code": "a"}, {"code": "b", "size": "big"}, {"colour": "red"}, {"code": "forbidden"}, {"code": "c"}])
    assert answer.status_code == 200
    assert answer.json() == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "errors": [
            {"index": 1, "code": "invalid", "detail": "size: A valid integer is required."},
            {"index": 2, "code": "invalid", "detail": "code: This field is required."},
            {"index": 3, "code": "forbidden_code", "detail": "This code may not be used."},
        ],
    }
    assert [row["code"] for row in written()] == ["a", "forbidden", "c"]


def test_only_given_fields_reach_the_service_and_an_empty_text_is_none(put):
    put([{"code": "a"}, {"code": "b", "colour": ""}, {"code": "c", "colour": None}, {"code": "d", "colour": "red"}])
    assert written() == [
        {"code": "a"},
        {"code": "b", "colour": None},
        {"code": "c", "colour": None},
        {"code": "d", "colour": "red"},
    ]


def test_a_second_row_of_the_same_key_is_refused(put):
    answer = put([{"code": "a", "size": 1}, {"code": "a", "size": 2}])
    assert answer.json()["created"] == 1
    assert [(error["index"], error["code"]) for error in answer.json()["errors"]] == [(1, "duplicate_row")]
    assert written() == [{"code": "a", "size": 1}]


def test_an_unknown_field_refuses_its_row_alone(put):
    answer = put([{"code": "a", "color": "red"}, {"code": "b"}])
    assert answer.json()["errors"] == [{"index": 0, "code": "invalid", "detail": "color: Unknown field."}]
    assert [row["code"] for row in written()] == ["b"]


def test_a_row_that_is_no_object_is_refused_alone(put):
    answer = put(["a", {"code": "b"}])
    assert [(error["index"], error["code"]) for error in answer.json()["errors"]] == [(0, "invalid")]
    assert answer.json()["created"] == 1


def test_no_valid_row_is_still_a_200(put):
    answer = put([{}])
    assert (answer.status_code, answer.json()["created"], len(answer.json()["errors"])) == (200, 0, 1)


def test_as_many_rows_as_allowed_are_taken(put):
    assert put([{"code": str(n)} for n in range(10)]).json()["created"] == 10


def test_one_row_too_many_is_a_413_and_nothing_is_written(put):
    answer = put([{"code": str(n)} for n in range(11)])
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_rows")
    assert answer.json()["data"] == {"max_rows": 10}
    assert written() == []


def test_an_object_where_rows_belong_is_a_422(put):
    answer = put({"code": "a"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_five_thousand_rows_is_the_limit_of_every_bulk_request():
    from oms.core.api.bulk import BulkPutView

    assert BulkPutView.max_rows == 5000
