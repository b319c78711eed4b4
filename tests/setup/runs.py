"""A supervisor under test: started, read, and stopped as a person would."""

import json
import socket
import subprocess
import sys
from pathlib import Path

from oms.core.private_postgres import PrivatePostgres
from oms.core.private_postgres.project import PROJECT_ROOT
from oms.core.running.processes import Process, processes_in_session
from tests.support.waiting import wait_until


class Run:
    """One supervisor in a runtime folder of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.output = folder / "output"
        self.environment = {"PATH": "/usr/bin:/bin", "RUNTIME_FOLDER": str(folder), **environment}
        self.supervisor = self.start()

    def command(self) -> list[str]:
        """The product's own programs."""
        return [sys.executable, "-m", "oms.core.running", "start", "--port", str(self.port)]

    def start(self) -> "subprocess.Popen[bytes]":
        with self.output.open("ab") as output:
            return subprocess.Popen(
                self.command(),
                cwd=PROJECT_ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def postgres(self) -> PrivatePostgres:
        return PrivatePostgres(self.folder / "postgres")

    def stop_from_another_terminal(self) -> None:
        command = [sys.executable, "-m", "oms.core.running", "stop"]
        subprocess.run(command, cwd=PROJECT_ROOT, env=self.environment, check=True)

    def wait_for_line(self, text: str, timeout_s: float = 30) -> None:
        wait_until(lambda: text in self.output.read_text(), timeout_s)

    def children(self) -> list[Process]:
        note = json.loads((self.folder / "run.json").read_text())
        return [Process(*pair) for pair in note["children"]]

    def processes(self) -> list[Process]:
        """Everything the supervisor started, with what those started, and the database server."""
        found = [process for child in self.children() for process in processes_in_session(child.pid)]
        postmaster = self.postgres.postmaster
        return found + ([postmaster] if postmaster else [])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
