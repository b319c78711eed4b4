"""Every rule about figures holds whichever way a file is compared."""

from typing import Any

import pytest

from stock.feeds import comparing


@pytest.fixture(params=["looked up", "joined with all levels"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Small files look up their levels, large ones are joined with all of their stock points'."""
    if request.param == "joined with all levels":
        monkeypatch.setattr(comparing, "WIDE_FROM", 0)
        monkeypatch.setattr(comparing, "WIDE_SHARE", 1_000_000)
