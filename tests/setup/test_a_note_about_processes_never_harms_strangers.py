import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from oms.core.private_postgres.project import PROJECT_ROOT
from oms.core.running.processes import Process
from oms.core.running.records import Record
from oms.core.running.stopping import end_leftovers


@pytest.fixture
def stranger() -> Iterator[Process]:
    """A process that leads a session in the project's folder and was not started by a supervisor."""
    command = [sys.executable, "-c", "import signal; signal.pause()"]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, start_new_session=True) as popen:
        process = Process.of(popen.pid)
        assert process is not None
        yield process
        popen.kill()


def test_a_number_used_again_is_recognised_by_its_later_start(tmp_path: Path, stranger: Process) -> None:
    record = Record(tmp_path)
    gone = Process(stranger.pid, stranger.started - 1)
    record.write(supervisor=gone, children=[gone], address="")

    end_leftovers(record)

    assert stranger.is_alive
    assert not gone.is_alive


def test_the_process_that_was_noted_is_ended(tmp_path: Path, stranger: Process) -> None:
    record = Record(tmp_path)
    record.write(supervisor=None, children=[stranger], address="")

    end_leftovers(record)

    assert not stranger.is_alive


def test_a_note_cut_short_is_no_note(tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.write(supervisor=Process.of(os.getpid()), children=[], address="http://localhost:1/")
    (tmp_path / "run.json").write_text('{"supervisor": [1')

    assert (record.supervisor, record.children, record.address) == (None, [], "")


def test_a_zombie_does_not_run() -> None:
    popen = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, popen.pid, os.WEXITED | os.WNOWAIT)

    assert Process.of(popen.pid) is None
    popen.wait()
