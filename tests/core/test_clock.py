"""One clock for the business, which a replay may set."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection

from oms.core import clock


def test_it_is_now_in_utc():
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().tzinfo is UTC


def test_a_set_clock_stands_still_until_it_is_moved(at_noon):
    with clock.set_clock(at_noon) as hands:
        assert clock.now() == clock.now() == at_noon
        hands.advance(timedelta(hours=1))
        assert clock.now() == at_noon + timedelta(hours=1)
        hands.move_to(at_noon)
        assert clock.now() == at_noon
    assert clock.now() != at_noon


def test_clocks_can_be_set_inside_each_other(at_noon):
    with clock.clock_at(at_noon):
        with clock.clock_at(at_noon + timedelta(days=1)) as at:
            assert clock.now() == at == at_noon + timedelta(days=1)
        assert clock.now() == at_noon


def test_a_time_is_kept_in_utc(at_noon):
    with clock.clock_at(at_noon.astimezone(timezone(timedelta(hours=9)))):
        assert clock.now() == at_noon
        assert clock.now().tzinfo is UTC


def test_a_time_without_its_zone_is_refused():
    with pytest.raises(ValueError, match="needs a time with its zone"), clock.clock_at(datetime(2026, 1, 1)):
        pass


def test_another_thread_keeps_the_real_time(at_noon):
    seen = []
    with clock.clock_at(at_noon):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0] != at_noon


@pytest.fixture
def agreeing():
    yield lambda at: clock.agree_with(lambda: at)
    clock.agree_with(lambda: datetime.now(UTC))


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_machine_whose_clock_is_off_reads_it_as_the_database_does(agreeing, minutes):
    true = datetime.now(UTC) + timedelta(minutes=minutes)
    assert abs(agreeing(true) - timedelta(minutes=minutes)) < timedelta(seconds=1)
    assert true <= clock.now() < true + timedelta(seconds=1)
    agreeing(datetime.now(UTC))
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_a_difference_that_asking_may_have_made_is_none(agreeing):
    assert agreeing(datetime.now(UTC) + timedelta(seconds=1)) == timedelta(0)


@pytest.mark.parametrize("off", [timedelta(0), timedelta(minutes=10), timedelta(minutes=-10)])
@pytest.mark.parametrize(("before_s", "after_s"), [(0, 30), (30, 0), (15, 15)])
def test_a_busy_machine_keeps_its_clock_while_it_waits_for_the_answer(agreeing, time_machine, off, before_s, after_s):
    time_machine.move_to(datetime.now(UTC), tick=False)
    agreeing(datetime.now(UTC) + off)

    def slow():
        time_machine.shift(before_s)
        at = datetime.now(UTC) + off
        time_machine.shift(after_s)
        return at

    assert clock.agree_with(slow) == off


def test_a_slow_answer_tells_of_a_clock_further_off_than_it_took(agreeing, time_machine):
    time_machine.move_to(datetime.now(UTC), tick=False)

    def slow():
        time_machine.shift(30)
        return datetime.now(UTC) + timedelta(hours=1)

    assert abs(clock.agree_with(slow) - timedelta(hours=1)) <= timedelta(seconds=15)
    # The next one that is quick says it exactly.
    assert agreeing(datetime.now(UTC) + timedelta(hours=1)) == timedelta(hours=1)


def test_a_clock_set_back_while_it_asked_says_nothing(agreeing, time_machine):
    true = datetime.now(UTC)
    time_machine.move_to(true + timedelta(minutes=10), tick=False)

    def set_back():
        time_machine.move_to(true, tick=False)
        return true

    assert clock.agree_with(set_back) == timedelta(0)
    assert agreeing(true) == timedelta(0)


def test_a_set_clock_stays_as_it_was_set(agreeing, at_noon):
    agreeing(datetime.now(UTC) + timedelta(hours=1))
    with clock.clock_at(at_noon):
        assert clock.now() == at_noon


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("follows", "behind"), [(True, timedelta(0)), (False, timedelta(hours=1))])
def test_a_new_connection_asks_the_database_what_time_it_is(agreeing, settings, time_machine, follows, behind):
    settings.CLOCK_FOLLOWS_DATABASE = follows
    true = datetime.now(UTC)
    time_machine.move_to(true + timedelta(hours=1))
    connection.close()
    connection.ensure_connection()
    assert abs(clock.now() - true - behind) < timedelta(seconds=5)
