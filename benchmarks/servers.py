"""The product's web server as in production, on a database of the benchmark's own."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from benchmarks.databases import ROOT

CLIENTS = 8
# As docs/deployment.md starts the web server of the API on two cores.
WORKERS, THREADS = 2, 2


def server_environment(url: str) -> dict[str, str]:
    """What the server and whoever prepares its database run with: production's settings, and a view that answers
    a constant beside the product's addresses."""
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "benchmarks.server_settings",
        "LOG_LEVEL": "ERROR",
        "DEBUG": "false",
        "SECRET_KEY": "of-this-benchmark-alone-" * 3,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "false",
    }


@contextmanager
def server(environment: dict[str, str]) -> Iterator[int]:
    """The port of gunicorn."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "oms.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--threads", str(THREADS)]
    server = subprocess.Popen([*command, "--log-level", "error"], cwd=ROOT, env=environment)
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/livez")
                if connection.getresponse().status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("gunicorn did not answer")


def slowest(waits: list[float]) -> float:
    """Milliseconds within which 99 of 100 were answered."""
    return statistics.quantiles(waits, n=100)[98] * 1000
