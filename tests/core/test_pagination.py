"""Lists by cursor neither skip nor repeat while rows are added."""

import pytest

from oms.core.audit import record_audits
from oms.core.models import AuditEntry
from tests.support.api import calling, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


@pytest.fixture
def api():
    _, key = make_client()
    AuditEntry.objects.filter(position=1).count()
    return calling(key)


def write(*names):
    record_audits("row.listed", [(f"row:{name}", None) for name in names])


def subjects(answer):
    return [entry["subject"] for entry in answer.json()["results"] if entry["subject"].startswith("row:")]


def test_the_newest_come_first_and_the_next_page_goes_on_where_this_one_ended(api):
    write(1, 2, 3, 4)
    first = api.get("/api/v1/entries/?page_size=3")
    assert subjects(first) == ["row:4", "row:3", "row:2"]
    write(5)
    second = api.get(first.json()["next"])
    assert subjects(second)[:1] == ["row:1"]
    assert second.json()["previous"] is not None


def test_a_page_has_at_most_500_rows(api):
    write(*range(510))
    assert len(api.get("/api/v1/entries/?page_size=100000").json()["results"]) == 500


@pytest.mark.parametrize("cursor", ["nonsense", "cD1hYmM=", "bz1hYmM=", "%C3%A9", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk="])
def test_a_cursor_we_did_not_give_is_a_422_or_an_empty_page(api, cursor):
    answer = api.get(f"/api/v1/entries/?cursor={cursor}")
    assert answer.status_code in {200, 422}
    if answer.status_code == 422:
        assert answer.json()["errors"] == {"cursor": ["Invalid cursor."]}
