"""`PUT /postcodes/`: created, corrected, left alone, and refused row by row."""

import pytest

from oms.orchestration.models import Postcode
from tests.support.api import calling, make_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def put():
    api = calling(make_client(scopes=["config:write"])[1])
    return lambda rows: api.put("/api/v1/postcodes/", rows)


def row(postcode="75001", country="FR", latitude=48.86, longitude=2.34):
    return {"country": country, "postcode": postcode, "latitude": latitude, "longitude": longitude}


def places():
    return list(Postcode.objects.values_list("country", "postcode", "latitude", "longitude"))


def counts(answer):
    assert answer.status_code == 200
    body = answer.json()
    return (
        body["created"],
        body["updated"],
        body["unchanged"],
        [(each["index"], each["code"]) for each in body["errors"]],
    )


def test_rows_are_created_corrected_or_left_alone(put):
    assert counts(put([row(), row("13001", latitude=43.3, longitude=5.4)])) == (2, 0, 0, [])
    assert counts(put([row(latitude=48.9), row("13001", latitude=43.3, longitude=5.4), row("59000")])) == (1, 1, 1, [])
    assert places() == [("FR", "13001", 43.3, 5.4), ("FR", "59000", 48.86, 2.34), ("FR", "75001", 48.9, 2.34)]


def test_postcodes_are_kept_in_one_spelling(put):
    assert counts(put([row("sw1a 1aa", "GB")])) == (1, 0, 0, [])
    assert counts(put([row("SW1A1AA", "GB")])) == (0, 0, 1, [])
    assert counts(put([row("a b", "GB"), row("AB", "GB")])) == (1, 0, 0, [(1, "duplicate_row")])


def test_bad_rows_are_named_and_the_others_written(put):
    rows = [
        row(),
        row("1", latitude=91),
        row("2", country="ZZ"),
        row("3", country="France"),
        {"country": "FR"},
        row("4"),
    ]
    assert counts(put(rows)) == (2, 0, 0, [(1, "invalid"), (2, "unknown_country"), (3, "invalid"), (4, "invalid")])
    assert [postcode for _, postcode, _, _ in places()] == ["4", "75001"]


def test_nothing_but_blanks_is_no_postcode(put):
    assert counts(put([row("  ")])) == (0, 0, 0, [(0, "invalid")])


def test_too_many_rows_are_refused_whole(put):
    answer = put([row(str(number)) for number in range(5001)])
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_rows")
    assert places() == []
