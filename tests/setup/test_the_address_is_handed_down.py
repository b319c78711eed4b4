import os
import subprocess
import sys
from pathlib import Path

import pytest

from oms.core.private_postgres import PrivatePostgres, ensure_database_url, project_postgres


@pytest.fixture
def runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNTIME_FOLDER", str(tmp_path))
    return tmp_path


def test_a_given_address_is_used_and_nothing_is_started(runtime_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/halles")

    assert ensure_database_url() == "postgresql://elsewhere/halles"
    assert list(runtime_folder.iterdir()) == []


@pytest.mark.parametrize("unset", [None, ""])
def test_without_one_the_private_server_is_started_and_children_inherit_it(
    runtime_folder: Path, monkeypatch: pytest.MonkeyPatch, unset: str | None
) -> None:
    # Set first in any case, so that the end of the test restores what was there before.
    monkeypatch.setenv("DATABASE_URL", "")
    if unset is None:
        del os.environ["DATABASE_URL"]
    server = project_postgres()
    try:
        url = ensure_database_url()
        code = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']); print(os.environ['DATABASE_URL'])"
        seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

        assert seen.strip() == url == server.url
        assert server.data_directory == PrivatePostgres(runtime_folder / "postgres").data_directory
    finally:
        server.stop()
