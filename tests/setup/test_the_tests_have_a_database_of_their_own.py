import os
import signal
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest
from django.db import connection

from oms.core.private_postgres import PrivatePostgres, temporary_postgres
from oms.core.private_postgres.temporary import PREFIX, remove_abandoned
from oms.core.running.processes import processes_working_in
from tests.setup.conftest import rows, running

ABANDON = """
import os, signal
from oms.core.private_postgres import temporary_postgres
with temporary_postgres() as server:
    print(server.data_directory, flush=True)
    signal.pause()
"""


def test_a_temporary_server_waits_for_no_disk(expendable_postgres: PrivatePostgres) -> None:
    settings = "'fsync', 'synchronous_commit', 'full_page_writes'"
    found = rows(expendable_postgres, f"SELECT DISTINCT setting FROM pg_settings WHERE name IN ({settings})")

    assert found == [("off",)]


def test_the_projects_own_server_does(server: PrivatePostgres) -> None:
    server.start()

    assert rows(server, "SHOW fsync") == [("on",)]
    assert rows(server, "SHOW synchronous_commit") == [("on",)]


def test_two_temporary_servers_do_not_meet() -> None:
    with temporary_postgres() as one, temporary_postgres() as other:
        rows(one, "CREATE TABLE here ()")

        assert running(one) != running(other)
        assert rows(other, "SELECT to_regclass('here')") == [(None,)]


def test_a_temporary_server_leaves_nothing() -> None:
    with temporary_postgres() as server:
        folder = server.data_directory

    assert not folder.parent.exists()
    assert processes_working_in(folder) == []


def test_one_whose_owner_was_killed_is_removed_by_the_next(run_python: Callable[..., Popen[str]]) -> None:
    owner = run_python(ABANDON)
    assert owner.stdout is not None
    folder = Path(owner.stdout.readline().strip())
    abandoned = running(PrivatePostgres(folder))
    remove_abandoned()
    assert abandoned.is_alive, "its owner lives: it must be left alone"

    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    with temporary_postgres():
        pass

    assert not abandoned.is_alive
    assert not folder.parent.exists()


@pytest.mark.skipif(PREFIX not in os.environ.get("DATABASE_URL", ""), reason="DATABASE_URL was set by hand")
@pytest.mark.django_db
def test_this_run_uses_a_temporary_server() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('fsync'), current_database()")
        fsync, database = cursor.fetchone()

    assert fsync == "off"
    assert database.startswith("test_halles")
