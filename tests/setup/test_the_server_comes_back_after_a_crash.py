import os
import shutil
import signal
from pathlib import Path

import psycopg
import pytest

from oms.core.private_postgres import PrivatePostgres
from oms.core.running.processes import processes_working_in
from tests.setup.conftest import rows, running
from tests.support.waiting import wait_until


@pytest.fixture
def crashed(server: PrivatePostgres) -> PrivatePostgres:
    """A server that was killed after a commit."""
    server.start()
    rows(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.kill()
    assert not server.is_running
    return server


def test_what_was_committed_before_a_kill_is_there(crashed: PrivatePostgres) -> None:
    address = crashed.url

    crashed.start()

    assert crashed.url == address
    assert rows(crashed, "SELECT answer FROM kept") == [(42,)]


def test_backends_that_outlive_their_killed_postmaster_are_ended_first(server: PrivatePostgres) -> None:
    server.start()
    with psycopg.connect(server.url) as client:
        backend = client.info.backend_pid
        os.kill(backend, signal.SIGSTOP)  # it cannot notice that its postmaster is gone
        postmaster = running(server)
        postmaster.send(signal.SIGKILL)
        wait_until(lambda: not postmaster.is_alive, 10)

        server.start()

        assert backend not in {process.pid for process in processes_working_in(server.data_directory)}
    assert rows(server, "SELECT 1") == [(1,)]


def test_a_process_number_given_to_a_stranger_is_not_taken_for_the_server(crashed: PrivatePostgres) -> None:
    pid_file = crashed.data_directory / "postmaster.pid"
    lines = pid_file.read_text().split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))

    assert not crashed.is_running
    crashed.start()

    assert running(crashed).pid != os.getpid()
    assert rows(crashed, "SELECT answer FROM kept") == [(42,)]


def test_a_reboot_that_empties_the_temporary_folder_does_no_harm(crashed: PrivatePostgres) -> None:
    shutil.rmtree(crashed.socket_directory)

    crashed.start()

    assert rows(crashed, "SELECT answer FROM kept") == [(42,)]


def test_a_running_server_whose_socket_was_swept_away_is_started_anew(server: PrivatePostgres) -> None:
    server.start()
    rows(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    before = running(server)
    shutil.rmtree(server.socket_directory)

    server.start()

    assert running(server) != before
    assert rows(server, "SELECT answer FROM kept") == [(42,)]


def test_a_data_folder_left_half_made_is_made_again(server: PrivatePostgres) -> None:
    half = server.data_directory.with_name("postgres.new")
    half.mkdir()
    Path(half / "PG_VERSION").write_text("18\n")

    server.start()

    assert not half.exists()
    assert rows(server, "SELECT current_database()") == [("halles",)]


def test_an_immediate_restart_keeps_the_address_and_drops_the_connections(server: PrivatePostgres) -> None:
    server.start()
    address = server.url
    with psycopg.connect(server.url) as client:
        server.restart(immediate=True)

        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT 1")

    assert server.url == address
    assert rows(server, "SELECT 1") == [(1,)]
