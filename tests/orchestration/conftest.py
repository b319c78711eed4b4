"""What every test of orchestration starts from."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from oms.core import clock

# A Tuesday morning in Paris.
MORNING = datetime(2026, 5, 5, 8, tzinfo=UTC)


@pytest.fixture
def morning() -> Iterator[clock.SetClock]:
    with clock.set_clock(MORNING) as set_clock:
        yield set_clock
