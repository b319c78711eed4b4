"""`make run`: everything of a Halles in one terminal, for as long as it is wanted."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from oms.core.private_postgres import PrivatePostgres, PrivatePostgresError, project_postgres
from oms.core.private_postgres.project import PROJECT_ROOT, URL_VARIABLE
from oms.core.running.children import Child, Program
from oms.core.running.output import Output
from oms.core.running.processes import Process
from oms.core.running.records import Record
from oms.core.running.signals import Signals
from oms.core.running.stopping import end_leftovers

READY_SECONDS = 300
ORDERLY_SECONDS = 20
PULSE_SECONDS = 0.7


class CannotRunError(Exception):
    """Why there is nothing to supervise, in a sentence for the terminal."""


def unfinished_note(folder: Path) -> Path:
    """The file that exists while a preparation is where it could not be taken up again."""
    return folder / "preparing"


class Supervisor:
    """Prepares the database, starts the programs, keeps them alive, and ends them all."""

    def __init__(
        self, *, folder: Path, host: str, port: int, programs: Sequence[Program], preparation: Sequence[str]
    ) -> None:
        """`preparation` is run to its end first; its standard output is shown once all is ready."""
        self._host = host
        self._port = port
        self._programs = programs
        self._preparation = preparation
        self._unfinished = unfinished_note(folder)
        self._output = Output()
        self._record = Record(folder)
        self._children: list[Child] = []
        self._postgres: PrivatePostgres | None = None
        self._logins = ""
        self._signals = Signals()

    @property
    def address(self) -> str:
        shown = "localhost" if self._host in ("127.0.0.1", "0.0.0.0", "") else self._host  # noqa: S104
        return f"http://{shown}:{self._port}/"

    def run(self) -> None:
        """Run until a signal asks for the end; raises `CannotRunError` when it cannot begin."""
        if not self._record.take():
            raise CannotRunError(f"Halles runs already, at {self._record.address}; `make stop` ends it.")
        self._signals.listen()
        try:
            end_leftovers(self._record)
            self._note([])
            self._begin()
            self._keep_going()
        finally:
            self._end()

    def _begin(self) -> None:
        self._check_port()
        if not os.environ.get(URL_VARIABLE):
            self._postgres = project_postgres()
            self._postgres.start()
            os.environ[URL_VARIABLE] = self._postgres.url
        self._forget_unfinished()
        self._prepare()
        if self._signals.ends_wanted:
            return
        for program in self._programs:
            self._children.append(Child(program, folder=PROJECT_ROOT, say=self._output.say))
        for child in self._children:
            child.start()
        self._note_children()

    def _check_port(self) -> None:
        """Say that the port is taken before anything is started."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self._host, self._port))
            except OSError as error:
                raise CannotRunError(
                    f"Cannot listen on {self._host}:{self._port} ({error.strerror}); "
                    "choose another port with `make run PORT=…`."
                ) from error

    def _forget_unfinished(self) -> None:
        """Half a demo would stay half for ever; it was being put into an empty database of ours."""
        if self._unfinished.exists() and self._postgres is not None:
            self._output.say("postgres", "the first start was interrupted; beginning again with an empty database")
            self._postgres.empty()
        elif self._unfinished.exists():
            self._output.say("database", "the first start was interrupted; the demo in this database is incomplete")
        self._unfinished.unlink(missing_ok=True)

    def _prepare(self) -> None:
        """Bring the database up to date; what it prints on standard output are the demo's logins."""
        with subprocess.Popen(
            self._preparation, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as preparing:
            self._note([Process.of(preparing.pid)])
            self._logins = self._output_of(preparing)
        if preparing.returncode != 0 and not self._signals.ends_wanted:
            raise CannotRunError("The database could not be prepared; what went wrong is above.")

    def _output_of(self, preparing: subprocess.Popen[str]) -> str:
        while True:
            try:
                return preparing.communicate(timeout=0.2)[0]
            except subprocess.TimeoutExpired:
                if self._signals.ends_wanted:
                    preparing.kill()

    def _keep_going(self) -> None:
        deadline: float | None = time.monotonic() + READY_SECONDS
        while not self._signals.ends_wanted:
            if deadline is not None and self._is_ready():
                self._announce()
                deadline = None
            if deadline is not None and time.monotonic() > deadline:
                raise CannotRunError(f"{self.address}readyz did not answer 200 within {READY_SECONDS} s.")
            self._signals.wait(PULSE_SECONDS)
            self._look_after()

    def _look_after(self) -> None:
        self._look_after_postgres()
        before = [child.process for child in self._children]
        for child in self._children:
            child.look_after()
        if before != [child.process for child in self._children]:
            self._note_children()

    def _look_after_postgres(self) -> None:
        if self._postgres is None or self._postgres.is_running or self._signals.ends_wanted:
            return
        self._output.say("postgres", "ended unexpectedly; starting again")
        try:
            self._postgres.start()
        except PrivatePostgresError as error:
            self._output.say("postgres", str(error))

    def _note_children(self) -> None:
        self._note(child.process for child in self._children)

    def _note(self, processes: Iterable[Process | None]) -> None:
        """Write down who runs, for whoever has to clean up after us."""
        running = [process for process in processes if process is not None]
        self._record.write(supervisor=Process.of(os.getpid()), children=running, address=self.address)

    def _is_ready(self) -> bool:
        host = "127.0.0.1" if self._host in ("0.0.0.0", "") else self._host  # noqa: S104
        connection = http.client.HTTPConnection(host, self._port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _announce(self) -> None:
        self._output.announce(f"Halles is ready at {self.address}", self._logins, "Ctrl-C or `make stop` ends it.")

    def _end(self) -> None:
        for child in self._children:
            child.ask_to_end()
        deadline = time.monotonic() + ORDERLY_SECONDS
        while not self._all_ended() and self._signals.ends_wanted < 2 and time.monotonic() < deadline:
            self._signals.wait(0.1)
        for child in self._children:
            child.end_now()
        if self._postgres is not None:
            self._postgres.stop()
        self._record.release()

    def _all_ended(self) -> bool:
        return all(child.has_ended for child in self._children)
