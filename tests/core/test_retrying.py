"""A service that lost a race is run again, from the start."""

import threading

import pytest
from django.db import OperationalError, connection, transaction
from psycopg import errors as pg

from oms.core.errors import ConcurrentChange, Retryable
from oms.core.models import Heartbeat
from oms.core.retrying import RETRIES, retry_on_conflict
from tests.support.concurrently import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def failing(*errors):
    """A service that meets these errors, one a run, and then works."""
    waiting = list(errors)
    runs = []

    @retry_on_conflict
    def serve(*, name: str) -> str:
        runs.append(name)
        if waiting:
            raise waiting.pop(0)
        return f"served {name}"

    return serve, runs


def database_error(kind) -> OperationalError:
    error = OperationalError("x")
    error.__cause__ = kind()
    return error


@pytest.mark.parametrize(
    "error", [database_error(pg.DeadlockDetected), database_error(pg.SerializationFailure), ConcurrentChange()]
)
def test_a_conflict_runs_the_service_again(error):
    serve, runs = failing(error, error)
    assert serve(name="a") == "served a"
    assert runs == ["a"] * 3


@pytest.mark.parametrize("error", [database_error(pg.QueryCanceled), Retryable(), ValueError()])
def test_another_error_is_not_retried(error):
    serve, runs = failing(error)
    with pytest.raises(type(error)):
        serve(name="a")
    assert runs == ["a"]


def test_after_three_retries_the_conflict_is_told():
    serve, runs = failing(*[ConcurrentChange() for _ in range(9)])
    with pytest.raises(ConcurrentChange):
        serve(name="a")
    assert len(runs) == 1 + RETRIES == 4


def test_inside_another_transaction_the_outermost_decides():
    serve, runs = failing(ConcurrentChange())
    with pytest.raises(ConcurrentChange), transaction.atomic():
        serve(name="a")
    assert runs == ["a"]


def _swap(first: str, second: str, meet: threading.Barrier):
    """Locks two rows in the given order; both parties wait for each other between the two, at their first try."""
    tries = []

    def serve() -> int:
        tries.append(1)
        with transaction.atomic():
            _lock(first)
            if len(tries) == 1:
                meet.wait(30)
            _lock(second)
        return len(tries)

    return serve


def _lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM core_heartbeat WHERE name = %s FOR UPDATE", [name])


def test_a_real_deadlock_reaches_nobody():
    Heartbeat.objects.bulk_create([Heartbeat(name="a"), Heartbeat(name="b")])
    meet = threading.Barrier(2)
    tries = at_once([retry_on_conflict(_swap("a", "b", meet)), retry_on_conflict(_swap("b", "a", meet))])
    # Whoever was chosen to give way may run into the other again before both are through.
    assert all(isinstance(tried, int) for tried in tries), tries
    assert max(tries) > 1


def test_without_the_retry_one_of_two_would_see_it():
    """The negative control."""
    Heartbeat.objects.bulk_create([Heartbeat(name="a"), Heartbeat(name="b")])
    meet = threading.Barrier(2)
    outcomes = at_once([_swap("a", "b", meet), _swap("b", "a", meet)])
    assert [type(outcome) for outcome in outcomes].count(OperationalError) == 1
