"""Faults are injected into whole running stacks; each test ends with `check_invariants`."""

from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Shop:
    """The files of a stopped server with something to sell, and the key to its API."""

    files: Path
    key: str


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """Migrated once, copied for every stack."""
    with migrated_cluster() as folder:
        yield folder


@pytest.fixture(scope="session")
def shop(cluster: Path) -> Iterator[Shop]:
    """Furnished once, copied for every stack that sells."""
    with running_stack(cluster) as running:
        running.start_web()
        running.key = running.create_key(*SCOPES)
        with running.api(running.key) as api:
            furnish(api)
        running.end()
        running.postgres.stop()
        yield Shop(running.folder / "data", running.key)


@pytest.fixture
def stack(shop: Shop) -> Iterator[Stack]:
    """A database and a web server, furnished, with no worker and no scheduler yet."""
    with running_stack(shop.files) as running:
        running.key = shop.key
        running.start_web()
        yield running
        print(running.logs())  # shown by pytest where the test failed
