"""Several things at the same moment: all that they yield comes, and none is left running."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection

from oms.core.side_by_side import side_by_side
from tests.support.waiting import wait_until


def test_all_that_each_yields_comes_in_its_order() -> None:
    found = list(side_by_side([iter(range(50)), iter(range(100, 150)), iter(())]))
    assert [it for it in found if it < 100] == list(range(50))
    assert [it for it in found if it >= 100] == list(range(100, 150))


def test_nothing_yields_nothing() -> None:
    assert list(side_by_side([])) == []


def test_they_run_at_the_same_moment_and_one_alone_with_its_caller() -> None:
    meeting = threading.Barrier(2, timeout=10)

    def meets() -> Iterator[threading.Thread]:
        meeting.wait()
        yield threading.current_thread()

    assert len(set(side_by_side([meets(), meets()]))) == 2
    assert list(side_by_side([iter([threading.current_thread()])])) == [threading.current_thread()]


def endless(taken: list[int], may_go_on: threading.Event) -> Iterator[int]:
    while True:
        taken.append(len(taken))
        yield taken[-1]
        may_go_on.wait(10)


def test_an_error_of_one_is_raised_once_the_others_have_ended() -> None:
    taken: list[int] = []
    may_go_on, before = threading.Event(), threading.active_count()

    def fails() -> Iterator[int]:
        while not taken:
            pass
        may_go_on.set()
        yield -1
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        list(side_by_side([endless(taken, may_go_on), fails()]))
    assert threading.active_count() == before


def test_they_end_when_the_caller_iterates_no_further() -> None:
    one: list[int] = []
    other: list[int] = []
    may_go_on = threading.Event()
    before = threading.active_count()
    found = side_by_side([endless(one, may_go_on), endless(other, may_go_on)])
    next(found)
    may_go_on.set()
    found.close()
    assert threading.active_count() == before


@pytest.mark.django_db(transaction=True)
def test_each_has_a_connection_of_its_own_that_is_closed_with_it() -> None:
    def backend() -> Iterator[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            yield cursor.fetchone()[0]

    pids = set(side_by_side([backend(), backend()])) | set(backend())
    assert len(pids) == 3
    wait_until(lambda: _alive(pids) == 1, 20)


@pytest.mark.django_db(transaction=True)
def test_one_that_waits_in_the_database_keeps_nobody_waiting() -> None:
    """The lock it waits for is held until after they have ended."""
    may_fail = threading.Event()

    def waits() -> Iterator[int]:
        with connection.cursor() as cursor:
            may_fail.set()
            cursor.execute("SELECT pg_advisory_lock(731001, 99)")
            yield 1

    def fails() -> Iterator[int]:
        may_fail.wait(10)
        raise LookupError("lost")
        yield 2

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(731001, 99)")
        with pytest.raises(LookupError):
            list(side_by_side([waits(), fails()]))
        cursor.execute("SELECT pg_advisory_unlock(731001, 99)")
        assert cursor.fetchone()[0], "it was still held"


@pytest.mark.django_db
def test_within_a_transaction_they_are_iterated_in_turn_and_see_what_it_wrote() -> None:
    threads = list(side_by_side([iter([threading.current_thread()])] * 2))
    assert set(threads) == {threading.current_thread()}


def _alive(pids: set[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY (%s)", [list(pids)])
        (alive,) = cursor.fetchone()
    return int(alive)
