"""What every room's tests share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oms.core.translating.catalogues import compile_catalogues

pytest.register_assert_rewrite("tests.factories", "tests.peers", "tests.histories", "tests.support.holding")


def pytest_configure(config: pytest.Config) -> None:
    """Pages are read in both languages, also where pytest was started by hand."""
    if not hasattr(config, "workerinput"):
        compile_catalogues()


@pytest.fixture(autouse=True)
def _files_of_their_own(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Uploaded files land in a folder of the test run, never in the project's."""
    folder: Path = tmp_path_factory.getbasetemp() / "media"
    settings.MEDIA_ROOT = folder
    yield
