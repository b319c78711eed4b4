from collections.abc import Iterator

import pytest

from oms.core.services import heartbeats
from tests.core import hearing


@pytest.fixture(autouse=True)
def _nothing_left_over() -> Iterator[None]:
    """What the process remembers between calls must not travel from test to test."""
    heartbeats._last_beats.clear()
    hearing.inside.clear()
    yield
