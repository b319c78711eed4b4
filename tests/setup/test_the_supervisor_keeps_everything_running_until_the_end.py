import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from oms.core.private_postgres import PrivatePostgres
from oms.core.private_postgres.project import PROJECT_ROOT
from oms.core.running.processes import processes_in_session
from tests.setup.runs import Run
from tests.support.waiting import wait_until


class StandInRun(Run):
    """A supervisor of small stand-in programs."""

    def __init__(self, folder: Path, *, prepare: str = "print('logins: anna')", **environment: str) -> None:
        self.prepare = prepare
        super().__init__(folder, **environment)

    def command(self) -> list[str]:
        return [sys.executable, "-m", "tests.setup.supervising", str(self.folder), str(self.port), self.prepare]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = StandInRun(tmp_path)
    run.wait_for_line("is ready at")
    yield run
    run.stop_from_another_terminal()
    run.supervisor.wait(30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_process(run: Run, number: signal.Signals) -> None:
    processes = run.processes()
    assert len(processes) == 4  # web, worker, the worker's own, PostgreSQL

    run.supervisor.send_signal(number)

    assert run.supervisor.wait(30) == 0
    assert [process for process in processes if process.is_alive] == []
    assert not (run.folder / "run.json").exists()


def test_stopping_from_another_terminal_ends_every_process(run: Run) -> None:
    processes = run.processes()

    run.stop_from_another_terminal()

    assert run.supervisor.wait(30) == 0
    assert [process for process in processes if process.is_alive] == []


def test_what_a_killed_supervisor_left_is_ended_by_stopping(run: Run) -> None:
    processes = run.processes()
    run.supervisor.kill()
    run.supervisor.wait()
    assert all(process.is_alive for process in processes)

    run.stop_from_another_terminal()

    assert [process for process in processes if process.is_alive] == []


def test_what_a_killed_supervisor_left_is_ended_by_the_next(run: Run) -> None:
    left = run.children()
    run.supervisor.kill()
    run.supervisor.wait()
    run.output.write_text("")

    run.supervisor = run.start()
    run.wait_for_line("is ready at")

    assert [process for process in left if process.is_alive] == []


def test_a_killed_program_is_started_again_and_said_so(run: Run) -> None:
    web = run.children()[0]

    os.kill(web.pid, signal.SIGKILL)

    run.wait_for_line("web       | ended unexpectedly (killed by SIGKILL); starting again in 1 s")
    wait_until(lambda: run.children()[0] not in (web, run.children()[-1]), 30)
    assert run.children()[0].is_alive


def test_what_a_killed_program_had_started_is_ended_with_it(run: Run) -> None:
    worker = run.children()[1]
    wait_until(lambda: len(processes_in_session(worker.pid)) == 2, 30)
    family = processes_in_session(worker.pid)

    os.kill(worker.pid, signal.SIGKILL)

    wait_until(lambda: not any(process.is_alive for process in family), 30)


def test_a_killed_database_server_is_started_again_at_the_same_address(run: Run) -> None:
    server = PrivatePostgres(run.folder / "postgres")
    address = server.url

    server.kill()

    run.wait_for_line("postgres  | ended unexpectedly; starting again")
    wait_until(lambda: server.is_running, 30)
    assert server.url == address


def test_a_second_supervisor_is_refused_and_told_the_address_of_the_first(run: Run) -> None:
    second = run.start()

    assert second.wait(30) == 1
    run.wait_for_line(f"Halles runs already, at http://localhost:{run.port}/; `make stop` ends it.")
    assert all(child.is_alive for child in run.children())


def test_the_logins_are_shown_once_all_is_ready(run: Run) -> None:
    text = run.output.read_text()

    assert f"Halles is ready at http://localhost:{run.port}/\nlogins: anna\n" in text


def test_a_preparation_that_fails_starts_nothing(tmp_path: Path) -> None:
    run = StandInRun(tmp_path, prepare="raise SystemExit('no such table')")

    assert run.supervisor.wait(30) == 1
    assert "no such table\nThe database could not be prepared" in run.output.read_text()
    assert not PrivatePostgres(tmp_path / "postgres").is_running


def test_a_request_to_end_does_not_wait_for_a_long_preparation(tmp_path: Path) -> None:
    run = StandInRun(tmp_path, prepare="import signal, sys; print('busy', file=sys.stderr); signal.pause()")
    run.wait_for_line("busy")

    run.supervisor.send_signal(signal.SIGTERM)

    assert run.supervisor.wait(30) == 0
    assert not PrivatePostgres(tmp_path / "postgres").is_running


HALF = """
import os, psycopg, signal, sys
from pathlib import Path
from oms.core.running.supervisor import unfinished_note
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    print("tables:", connection.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'half'").fetchone()[0])
    connection.execute("CREATE TABLE half ()")
if {note}:
    unfinished_note(Path(os.environ["RUNTIME_FOLDER"])).touch()
print("waiting", file=sys.stderr, flush=True)
if {wait}:
    signal.pause()
"""


@pytest.mark.parametrize(("note", "tables"), [(True, 0), (False, 1)])
def test_only_a_preparation_that_could_not_be_taken_up_again_begins_anew(
    tmp_path: Path, note: bool, tables: int
) -> None:
    run = StandInRun(tmp_path, prepare=HALF.format(note=note, wait=True))
    run.wait_for_line("waiting")
    run.supervisor.send_signal(signal.SIGTERM)
    assert run.supervisor.wait(30) == 0
    run.output.write_text("")

    run.prepare = HALF.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS").format(note=False, wait=False)
    run.supervisor = run.start()
    try:
        run.wait_for_line("is ready at")
        assert f"tables: {tables}\n" in run.output.read_text()
    finally:
        run.stop_from_another_terminal()
        run.supervisor.wait(30)


def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        command = [sys.executable, "-m", "tests.setup.supervising", str(tmp_path), str(other.getsockname()[1]), ""]
        environment = {"PATH": "/usr/bin:/bin", "RUNTIME_FOLDER": str(tmp_path)}
        done = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "choose another port with `make run PORT=…`" in done.stderr
    assert not (tmp_path / "postgres").exists()


def test_with_an_address_of_its_own_no_server_is_started(tmp_path: Path) -> None:
    run = StandInRun(tmp_path, DATABASE_URL="postgresql://elsewhere/halles")
    run.wait_for_line("is ready at")

    run.supervisor.send_signal(signal.SIGTERM)

    assert run.supervisor.wait(30) == 0
    assert not (tmp_path / "postgres").exists()
