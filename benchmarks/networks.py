"""A durable server with a prepared network of a million levels, and copies of it to work on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.databases import ROOT, SQL

VARIANTS, POINTS = 20_000, 50


@dataclass(frozen=True)
class Network:
    """A private server with one prepared database, and copies of it to work on."""

    folder: Path
    url: str
    programs: Path

    def prepare(self) -> None:
        self.psql("postgres", "CREATE DATABASE prepared")
        self.python("prepared", ["manage.py", "migrate", "--verbosity", "0"])
        self.run_psql("prepared", ["-v", f"variants={VARIANTS}", "-v", f"points={POINTS}"], SQL / "stock_network.sql")

    def copy_of_prepared(self) -> str:
        self.psql("postgres", "DROP DATABASE IF EXISTS working")
        self.psql("postgres", "CREATE DATABASE working TEMPLATE prepared STRATEGY file_copy")
        self.psql("postgres", "CHECKPOINT")
        return "working"

    def psql(self, database: str, statement: str) -> str:
        return self.run_psql(database, ["-At", "-c", statement])

    def run_psql(self, database: str, options: list[str], script: Path | None = None, stdin: Any = None) -> str:
        command = [str(self.programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", *options]
        if script is not None:
            command += ["-f", str(script)]
        done = subprocess.run(
            [*command, self.address(database)], stdin=stdin, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def python(self, database: str, arguments: list[str]) -> str:
        environment = {**os.environ, "DATABASE_URL": self.address(database), "LOG_LEVEL": "WARNING"}
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def address(self, database: str) -> str:
        return self.url.replace("/halles?", f"/{database}?")


@contextmanager
def network_server(folder: Path) -> Iterator[Network]:
    from oms.core.private_postgres.installations import find_installation
    from oms.core.private_postgres.server import PrivatePostgres

    folder.chmod(0o755)
    postgres = PrivatePostgres(folder / "data")
    postgres.start()
    try:
        yield Network(folder, postgres.url, find_installation().programs)
    finally:
        postgres.stop()
