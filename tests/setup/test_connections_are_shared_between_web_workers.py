"""Programs that keep their connections do not all end up in one of the web server's processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
WORKERS, EACH = 3, 4
SAYS_WHO = """
import os

def application(environ, start_response):
    who = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(who)))])
    return [who]
"""
CONFIGURATION = f"""
import runpy

product = runpy.run_path({str(ROOT / "gunicorn.conf.py")!r})
worker_class, on_starting, child_exit = product["worker_class"], product["on_starting"], product["child_exit"]
preload_app, keepalive, threads, workers = True, 60, 2, {WORKERS}
control_socket_disable = True
"""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Of a gunicorn that is configured as the product's, and says which process answers."""
    (tmp_path / "says_who.py").write_text(SAYS_WHO)
    (tmp_path / "conf.py").write_text(CONFIGURATION)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "says_who:application", "-c", "conf.py", "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        with ExitStack() as stack:
            while len(set(answering(port, WORKERS, stack))) < WORKERS:
                assert server.poll() is None
                time.sleep(0.1)
        time.sleep(0.5)  # until they have seen that these hung up
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def answering(port: int, connections: int, stack: ExitStack) -> list[int]:
    """Which process each of so many connections, all opened before the first is used and kept, is answered by."""
    opened = [HTTPConnection("127.0.0.1", port, timeout=10) for _ in range(connections)]
    for each in opened:
        stack.callback(each.close)
    try:
        for each in opened:
            each.connect()
    except ConnectionRefusedError:
        return []
    for each in opened:
        each.request("GET", "/")
    return [int(each.getresponse().read()) for each in opened]


def test_each_worker_takes_its_share(port: int) -> None:
    for _ in range(5):
        with ExitStack() as stack:
            assert sorted(Counter(answering(port, WORKERS * EACH, stack)).values()) == [EACH] * WORKERS
        time.sleep(0.2)  # until they have seen that all hung up


def test_a_worker_that_died_is_not_waited_for(port: int) -> None:
    with ExitStack() as stack:
        before = Counter(answering(port, WORKERS * EACH, stack))
        killed = min(before)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: _answers(port) not in before, 20)
        time.sleep(0.2)  # until it has seen that these hung up
        begun = time.monotonic()
        after = Counter(answering(port, EACH, stack))
        assert killed not in after
        assert len(after) == 1, "the new one holds none, and takes them all"
        assert after.keys().isdisjoint(before)
        assert time.monotonic() - begun < 2


def _answers(port: int) -> int:
    """Whoever takes one connection more, which hangs up at once."""
    with ExitStack() as stack:
        return answering(port, 1, stack)[0]
