"""One clock for the business, which a replay may set."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

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
