"""What every room's tests share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import TransactionTestCase

from oms.core.translating.catalogues import compile_catalogues
from tests.support.emptying import empty_as_migrated
from tests.support.ordering import longest_first
from tests.support.postgres_plugin import migrated_template

pytest.register_assert_rewrite("tests.factories", "tests.peers", "tests.histories", "tests.support.holding")


def pytest_configure(config: pytest.Config) -> None:
    """Pages are read in both languages, also where pytest was started by hand."""
    if not hasattr(config, "workerinput"):
        compile_catalogues()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In each of several processes alike; alone, the order makes no difference."""
    if hasattr(config, "workerinput"):
        order = longest_first([item.nodeid for item in items], config.workerinput["workercount"])
        items[:] = [items[at] for at in order]


@pytest.fixture(autouse=True)
def _files_of_their_own(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Uploaded files land in a folder of the test run, never in the project's."""
    folder: Path = tmp_path_factory.getbasetemp() / "media"
    settings.MEDIA_ROOT = folder
    yield


@pytest.fixture(autouse=True)
def _clocks_of_their_own(settings: Any) -> None:
    """A test that travels in time opens connections there: it is not called back to the database's time."""
    settings.CLOCK_FOLLOWS_DATABASE = False


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """The test databases are copies of one that was migrated once, and become that again after each test.

    On somebody's server Django does both: there one may not be allowed to pass over triggers.
    """
    template = migrated_template()
    with pytest.MonkeyPatch.context() as patch:
        if template is not None:
            django_settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = template
            patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty_as_migrated())
        yield
