"""A durable server of its own for one benchmark, with the product's tables in it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
SQL = Path(__file__).parent / "sql"


@contextmanager
def durable_database() -> Iterator[str]:
    """The address of a fresh, migrated database that keeps every promise of durability."""
    from oms.core.private_postgres.server import PrivatePostgres

    with tempfile.TemporaryDirectory(prefix="halles-bench-") as folder:
        Path(folder).chmod(0o755)
        postgres = PrivatePostgres(Path(folder) / "data")
        postgres.start()
        try:
            environment = {**os.environ, "DATABASE_URL": postgres.url, "LOG_LEVEL": "WARNING"}
            subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True)
            yield postgres.url
        finally:
            postgres.stop()
