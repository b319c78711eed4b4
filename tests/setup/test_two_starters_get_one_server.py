from collections.abc import Callable
from subprocess import Popen

from oms.core.private_postgres import PrivatePostgres
from oms.core.running.processes import processes_working_in
from tests.setup.conftest import rows, running

START = """
import sys
from pathlib import Path
from oms.core.private_postgres import PrivatePostgres
server = PrivatePostgres(Path(sys.argv[1]))
server.start()
print(server.postmaster.pid, server.url)
"""


def test_starters_at_the_same_moment_attach_to_the_same_server(
    server: PrivatePostgres, run_python: Callable[..., Popen[str]]
) -> None:
    starters = [run_python(START, server.data_directory) for _ in range(4)]

    answers = {starter.communicate(timeout=60)[0].strip() for starter in starters}

    assert answers == {f"{running(server).pid} {server.url}"}
    assert rows(server, "SELECT 1") == [(1,)]


def test_a_second_start_leaves_the_running_server_alone(server: PrivatePostgres) -> None:
    server.start()
    before = running(server)

    PrivatePostgres(server.data_directory).start()

    assert running(server) == before


def test_stopping_leaves_no_process_and_no_socket(server: PrivatePostgres) -> None:
    server.start()
    folder = server.socket_directory

    server.stop()
    server.stop()

    assert not server.is_running
    assert processes_working_in(server.data_directory) == []
    assert not folder.exists()


def test_data_survives_a_stop(server: PrivatePostgres) -> None:
    server.start()
    address = server.url
    rows(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()

    server.start()

    assert server.url == address
    assert rows(server, "SELECT answer FROM kept") == [(42,)]
