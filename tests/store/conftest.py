"""What tests of the store's screens start from."""

from __future__ import annotations

import pytest

from tests.store.making import Shop, open_shop


@pytest.fixture
def shop(db: None) -> Shop:
    return open_shop()
