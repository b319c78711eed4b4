"""Servers and folders of their own for the tests of setting up."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from oms.core.private_postgres import PrivatePostgres
from oms.core.private_postgres.project import PROJECT_ROOT
from oms.core.running.processes import Process


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PrivatePostgres]:
    """A durable server of this test's own; not started."""
    server = PrivatePostgres(tmp_path / "postgres")
    yield server
    server.kill()
    shutil.rmtree(server.socket_directory, ignore_errors=True)


@pytest.fixture
def run_python(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a Python of its own in the project's folder; killed at the end if still there."""
    started: list[subprocess.Popen[str]] = []

    def run(code: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=PROJECT_ROOT,
            env={"PATH": "/usr/bin:/bin", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def rows(server: PrivatePostgres, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def running(server: PrivatePostgres) -> Process:
    postmaster = server.postmaster
    assert postmaster is not None
    return postmaster
