"""Faults are injected into whole running stacks; each test ends with `check_invariants`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stack import Stack, furnish, migrated_cluster, running_stack

SCOPES = (
    "stock:read",
    "stock:write",
    "orders:read",
    "orders:write",
    "fulfilments:write",
    "returns:write",
    "config:write",
    "webhooks:write",
)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """Migrated once, copied for every stack."""
    with migrated_cluster() as folder:
        yield folder


@pytest.fixture
def stack(cluster: Path) -> Iterator[Stack]:
    """A database and a web server, furnished, with no worker and no scheduler yet."""
    with running_stack(cluster) as running:
        running.start_web()
        running.key = running.create_key(*SCOPES)
        with running.api(running.key) as api:
            furnish(api)
        yield running
        print(running.logs())  # shown by pytest where the test failed
