"""The database of the tests: a server of their own that keeps nothing.

Loaded with `-p`, because it must have set DATABASE_URL before pytest-django reads the settings.
pytest's controller starts the server; xdist's workers inherit its address.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack

import pytest

from oms.core.private_postgres import PrivatePostgres, temporary_postgres


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    options = early_config.known_args_namespace
    if not os.environ.get("DATABASE_URL") and not options.help and not options.version:
        _start_server(early_config)
    return (yield)


def _start_server(config: pytest.Config) -> None:
    stack = ExitStack()
    # Called at the end of the run, an interrupted one included; it closes what was opened so far.
    config.add_cleanup(stack.close)
    server = stack.enter_context(temporary_postgres())
    os.environ["DATABASE_URL"] = server.url
    stack.callback(os.environ.pop, "DATABASE_URL", None)


@pytest.fixture
def expendable_postgres() -> Iterator[PrivatePostgres]:
    """A server for one test alone, which may stop, restart or kill it."""
    with temporary_postgres() as server:
        yield server
