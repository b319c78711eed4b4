"""A statement that runs often is planned once per connection, and still seen by whoever writes statements down."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from oms.core.models import WebhookSecret
from oms.core.prepared import PREPARE_THRESHOLD, prepared_cursor, whole_numbers
from oms.core.prepared import prepared as rows_of

pytestmark = pytest.mark.django_db

DOUBLE = "SELECT %s::bigint * 2 AS doubled_for_this_test"


def double(number: int) -> int:
    with prepared_cursor() as cursor:
        cursor.execute(DOUBLE, [number])
        return cursor.fetchone()[0]


def prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%doubled_for_this_test'")
        return cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def _nothing_prepared_yet():
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    connection.connection._prepared.clear()


def test_it_is_prepared_once_it_has_run_often():
    for number in range(PREPARE_THRESHOLD):
        assert double(number) == 2 * number
    assert prepared() == 0
    assert double(21) == 42
    assert prepared() == 1


def test_a_threshold_of_zero_prepares_nothing(settings):
    settings.DATABASE_PREPARE_THRESHOLD = 0
    for number in range(10):
        assert double(number) == 2 * number
    assert prepared() == 0


def test_whoever_captures_statements_sees_each_of_them():
    for number in range(5):
        double(number)
    with CaptureQueriesContext(connection) as captured:
        double(7)
    assert [query["sql"] for query in captured] == ["SELECT $1::bigint * 2 AS doubled_for_this_test"]


def test_a_value_named_twice_is_sent_once_and_a_percent_sign_is_written_twice():
    with CaptureQueriesContext(connection) as captured:
        rows = rows_of("SELECT %(a)s::text || %(b)s::text || %(a)s::text || '5%%'", {"b": "-", "a": "x"})
    assert rows == [("x-x5%",)]
    assert captured[0]["sql"] == "SELECT $1::text || $2::text || $1::text || '5%'"


def test_a_statement_that_names_what_it_is_not_given_is_an_error():
    with pytest.raises(KeyError):
        rows_of("SELECT %(a)s::text", {"b": 1})


def test_whole_numbers_arrive_as_an_array():
    assert rows_of("SELECT %s::bigint[], %s::bigint[]", [whole_numbers([3, -1]), whole_numbers([])]) == [([3, -1], [])]


def test_errors_are_djangos():
    WebhookSecret.objects.create(name="a", secret="s")
    with pytest.raises(IntegrityError), transaction.atomic(), prepared_cursor() as cursor:
        cursor.execute("INSERT INTO core_webhooksecret (name, secret) VALUES (%s, %s)", ["a", "s"])
