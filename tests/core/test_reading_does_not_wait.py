"""A block may say how long each of its statements may take: the database gives one up that takes longer."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core.errors import TooSlow
from oms.core.patience import at_most

pytestmark = pytest.mark.django_db(transaction=True)


def limit() -> str:
    return _first("SHOW statement_timeout")


def _first(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])


def test_the_limit_holds_within_the_block_alone():
    before = limit()
    with at_most(700):
        assert limit() == "700ms"
        assert connection.in_atomic_block
    assert limit() == before
    assert not connection.in_atomic_block


def test_a_block_within_another_leaves_it_its_own_limit():
    with at_most(700):
        with at_most(300):
            assert limit() == "300ms"
        assert limit() == "700ms"


def test_what_takes_longer_is_given_up_and_the_connection_is_good_for_more():
    with pytest.raises(TooSlow), at_most(50):
        _first("SELECT pg_sleep(5)")
    assert _first("SELECT 1") == "1"


def test_whoever_captures_statements_sees_the_limit():
    with CaptureQueriesContext(connection) as captured, at_most(700):
        assert limit() == "700ms"
    assert "SET LOCAL statement_timeout = 700" in [query["sql"] for query in captured]
