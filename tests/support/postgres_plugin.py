"""The database of the tests: a server of their own that keeps nothing.

Loaded with `-p`, because it must have set DATABASE_URL before pytest-django reads the settings.
pytest's controller starts the server; xdist's workers inherit its address.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from oms.core.private_postgres import PrivatePostgres, temporary_postgres
from oms.core.private_postgres.installations import find_installation

ROOT = Path(__file__).resolve().parents[2]
# The database of that server which the test databases are copied from; unset where the server is somebody's.
TEMPLATE = "HALLES_TESTS_TEMPLATE"


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
    os.environ |= {"DATABASE_URL": server.url, TEMPLATE: "halles_migrated"}
    for name in ("DATABASE_URL", TEMPLATE):
        stack.callback(os.environ.pop, name, None)
    if getattr(config.known_args_namespace, "numprocesses", None):
        _migrate_meanwhile(stack)


def _migrate_meanwhile(stack: ExitStack) -> None:
    """While the workers start and collect; a failure is told to the first of them that asks, who tries again."""
    early = subprocess.Popen(
        [sys.executable, "-m", __name__], cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True
    )

    def end() -> None:
        with suppress(ProcessLookupError):
            os.killpg(early.pid, signal.SIGKILL)
        early.wait()

    stack.callback(end)


def migrated_template() -> str | None:
    """The name of a migrated database to copy, made by the first process that asks; None where the server is not ours.

    Migrations take half a minute, a copy a second.
    """
    template = os.environ.get(TEMPLATE)
    if template is not None:
        _migrate_once(os.environ["DATABASE_URL"], template)
    return template


def _migrate_once(url: str, template: str) -> None:
    """The advisory lock makes the others wait; one that fails leaves no half-migrated database of this name."""
    draft = f"{template}_draft"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [template])
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            return
        server.execute(f'DROP DATABASE IF EXISTS "{draft}"')
        server.execute(f'CREATE DATABASE "{draft}"')
        environment: dict[str, Any] = {
            **os.environ,
            "DATABASE_URL": _address(url, draft),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=280)
        server.execute(f'ALTER DATABASE "{draft}" RENAME TO "{template}"')


def copy_template(url: str) -> bool:
    """Fill another server's empty database like the migrated one; False where there is none to copy."""
    template = migrated_template()
    if template is None:
        return False
    programs, source = find_installation(), _address(os.environ["DATABASE_URL"], template)
    dump = subprocess.run([programs.program("pg_dump"), "--no-owner", source], check=True, capture_output=True)
    fill = [programs.program("psql"), "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", url]
    subprocess.run(fill, check=True, input=dump.stdout, stdout=subprocess.DEVNULL, timeout=100)
    return True


def _address(url: str, database: str) -> str:
    """The same server, another of its databases."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{database}"))


@pytest.fixture
def expendable_postgres() -> Iterator[PrivatePostgres]:
    """A server for one test alone, which may stop, restart or kill it."""
    with temporary_postgres() as server:
        yield server


if __name__ == "__main__":
    migrated_template()
