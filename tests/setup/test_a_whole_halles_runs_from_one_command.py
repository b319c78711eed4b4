import http.client
import os
import signal
import time
from pathlib import Path

import pytest

from tests.setup.conftest import rows
from tests.setup.runs import Run
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

FIRST_START_SECONDS = 300
SECOND_START_SECONDS = 10


def status_of(run: Run, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def test_it_serves_survives_a_killed_worker_keeps_its_data_and_leaves_nothing(tmp_path: Path) -> None:
    run = Run(tmp_path)
    try:
        run.wait_for_line("is ready at", FIRST_START_SECONDS)
        assert status_of(run, "/readyz") == 200
        assert status_of(run, "/admin/login/") == 200
        rows(run.postgres, "CREATE TABLE kept AS SELECT 42 AS answer")

        worker = run.children()[1]
        os.kill(worker.pid, signal.SIGKILL)
        run.wait_for_line("worker    | ended unexpectedly (killed by SIGKILL)")
        wait_until(lambda: run.children()[1] not in (worker, run.children()[-1]), 30)
        wait_until(lambda: status_of(run, "/readyz") == 200, 60)

        processes = run.processes()
        run.supervisor.send_signal(signal.SIGINT)
        assert run.supervisor.wait(60) == 0
        assert [process for process in processes if process.is_alive] == []

        run.output.write_text("")
        began = time.monotonic()
        run.supervisor = run.start()
        run.wait_for_line("is ready at", FIRST_START_SECONDS)
        assert time.monotonic() - began < SECOND_START_SECONDS
        assert rows(run.postgres, "SELECT answer FROM kept") == [(42,)]
    finally:
        run.stop_from_another_terminal()
        run.supervisor.wait(60)
