from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from oms.core.services import heartbeats
from tests.core import hearing


@pytest.fixture(autouse=True)
def _nothing_left_over() -> Iterator[None]:
    """What the process remembers between calls must not travel from test to test."""
    heartbeats._last_beats.clear()
    hearing.inside.clear()
    yield


@pytest.fixture
def at_noon() -> datetime:
    return datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
