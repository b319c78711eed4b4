"""One PostgreSQL server of our own: made, started, attached to, restarted and stopped."""

import fcntl
import shlex
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from oms.core.private_postgres.accounts import Account, account_for
from oms.core.private_postgres.errors import PostgresCommandError, PrivatePostgresError
from oms.core.private_postgres.installations import (
    Installation,
    find_installation,
    reachable_installation,
)
from oms.core.private_postgres.sockets import (
    DATABASE,
    PORT,
    USER,
    answers,
    claim_socket_folder,
    database_url,
    preferred_socket_folder,
    socket_in,
)
from oms.core.running.processes import (
    Process,
    end_processes,
    processes_working_in,
    wait_for,
)

START_SECONDS = 60
STOP_SECONDS = 60
LARGEST_LOG = 10_000_000

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # What a bulk write has piled up is on the disk before an order's commit would have to wait for all of it.
    "wal_writer_delay": "10ms",
    "wal_writer_flush_after": "256kB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
# Nothing of these servers is worth keeping, so nothing waits for the disk.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PrivatePostgres:
    """A server on `data_directory`, reached through a Unix socket only.

    Every method may be called by several processes at once: a file lock beside the data folder
    lets one act while the others wait and then find the work done.
    """

    def __init__(
        self,
        data_directory: Path,
        *,
        socket_directory: Path | None = None,
        durable: bool = True,
        installation: Installation | None = None,
        account: Account | None = None,
    ) -> None:
        self.data_directory = data_directory.resolve()
        self.durable = durable
        self._chosen_socket_directory = socket_directory
        self._installation = installation
        self._account = account

    @property
    def url(self) -> str:
        return database_url(self.socket_directory)

    @property
    def socket_directory(self) -> Path:
        """Where the running server listens, or where it would."""
        lines = self._pid_file_lines()
        if len(lines) > 4 and lines[4]:
            return Path(lines[4])
        return self._chosen_socket_directory or preferred_socket_folder(self.data_directory)

    @property
    def postmaster(self) -> Process | None:
        """The server's main process when it is alive."""
        lines = self._pid_file_lines()
        process = Process.of(int(lines[0])) if lines and lines[0].isdigit() else None
        # After a crash the number in the file may belong to anybody.
        return process if process is not None and process.works_in(self.data_directory) else None

    @property
    def is_running(self) -> bool:
        """Whether the server takes connections now."""
        lines = self._pid_file_lines()
        ready = len(lines) > 7 and lines[7] == "ready"
        return ready and self.postmaster is not None and answers(self.socket_directory)

    def start(self) -> None:
        """Start the server, or do nothing when it runs already."""
        if self.is_running:
            return
        with self._locked():
            self._start()

    def stop(self) -> None:
        """End the server in good order, or do nothing when it does not run."""
        with self._locked():
            folder = self.socket_directory
            self._stop(signal.SIGINT)
            if self._chosen_socket_directory is None:
                shutil.rmtree(folder, ignore_errors=True)

    def restart(self, *, immediate: bool = False) -> None:
        """Stop and start at the same address; with `immediate`, as after a power cut."""
        with self._locked():
            self._stop(signal.SIGQUIT if immediate else signal.SIGINT)
            self._start()

    def kill(self) -> None:
        """Kill every process of the server without warning; its files stay as they are."""
        with self._locked():
            self._end_leftovers()

    def empty(self) -> None:
        """Replace the database by a new one, ending whoever is connected to it."""
        with self._locked():
            self._stop(signal.SIGINT)
            for statement in (f"DROP DATABASE {DATABASE}", f"CREATE DATABASE {DATABASE}"):
                self._single_user(self._account or account_for(self.data_directory), self.data_directory, statement)
            self._start()

    def _start(self) -> None:
        if self._becomes_ready():
            return
        # Alive without a usable socket: its folder was swept away, or the start never ended.
        self._stop(signal.SIGINT)
        self._clear_after_crash()
        self._create_once()
        account = self._account or account_for(self.data_directory)
        installation = self._usable_installation(account)
        folder = claim_socket_folder(self.socket_directory, owner=account.uid or 0)
        account.take_over(folder)
        self._rotate_log()
        options = {
            **SETTINGS,
            **({} if self.durable else NOT_DURABLE),
            "unix_socket_directories": str(folder),
        }
        self._run(
            account,
            [
                installation.program("pg_ctl"),
                "start",
                "--wait",
                f"--timeout={START_SECONDS}",
                f"--pgdata={self.data_directory}",
                f"--log={self._log}",
                "--options",
                " ".join(f"-c {name}={shlex.quote(value)}" for name, value in options.items()),
            ],
            folder=self.data_directory,
        )

    def _clear_after_crash(self) -> None:
        """Make sure that nothing of a dead server is left, then take away its lock files.

        PostgreSQL itself trusts the process numbers in them: it would be fooled by a number used
        again, and by a dead server that nobody has waited for.
        """
        self._end_leftovers()
        socket = socket_in(self.socket_directory)
        for left in (self._pid_file, socket, socket.with_name(f"{socket.name}.lock")):
            left.unlink(missing_ok=True)

    def _becomes_ready(self) -> bool:
        """Whether a server that is alive takes connections, now or when its start has ended."""
        if self.postmaster is None or not self.socket_directory.exists():
            return False
        wait_for(lambda: self.is_running or self.postmaster is None, START_SECONDS)
        return self.is_running

    def _create_once(self) -> None:
        """Make the data folder, complete with our database, or leave nothing of it behind."""
        if (self.data_directory / "PG_VERSION").exists():
            return
        building = self.data_directory.with_name(f"{self.data_directory.name}.new")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(mode=0o700, parents=True)
        account = self._account or account_for(building)
        account.take_over(building)
        installation = self._usable_installation(account)
        self._run(account, self._initdb(installation, building), folder=building)
        self._single_user(account, building, f"CREATE DATABASE {DATABASE}")
        building.rename(self.data_directory)

    def _single_user(self, account: Account, folder: Path, statement: str) -> None:
        """Run a statement in PostgreSQL's single-user mode, where nobody else can be connected."""
        program = self._usable_installation(account).program("postgres")
        self._run(account, [program, "--single", "-D", str(folder), "postgres"], folder=folder, typed=f"{statement}\n")

    def _initdb(self, installation: Installation, folder: Path) -> list[str]:
        provider = ["--locale-provider=builtin"] if installation.major >= 17 else []
        return [
            installation.program("initdb"),
            f"--pgdata={folder}",
            f"--username={USER}",
            "--auth=trust",  # whoever can enter the socket's folder may connect; nobody else can
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            *provider,
            *([] if self.durable else ["--no-sync"]),
        ]

    def _usable_installation(self, account: Account) -> Installation:
        version = self.data_directory / "PG_VERSION"
        major = int(version.read_text()) if version.exists() else None
        found = self._installation or find_installation(major=major)
        return reachable_installation(found, account)

    def _run(self, account: Account, command: list[str], *, folder: Path, typed: str = "") -> None:
        """Run one of PostgreSQL's commands; its words go to a file beside the data folder."""
        said = folder.with_name(f"{self.data_directory.name}.out")
        keyboard = folder.with_name(f"{self.data_directory.name}.in")
        keyboard.write_text(typed)
        with said.open("w") as output, keyboard.open() as stdin:
            status = account.run(command, output=output, stdin=stdin, cwd=folder)
        keyboard.unlink()
        words = said.read_text(errors="replace")
        if status != 0 or "ERROR:" in words:
            log = self._log.read_text(errors="replace")[-2000:] if self._log.exists() else ""
            raise PostgresCommandError(f"{shlex.join(command)} failed ({status}):\n{words[-2000:]}{log}")

    def _stop(self, first: signal.Signals) -> None:
        postmaster = self.postmaster
        if postmaster is not None:
            end_processes([postmaster], first=first, timeout=STOP_SECONDS)

    def _end_leftovers(self) -> None:
        """End what a killed server left behind: it could still write to the data folder."""
        end_processes(processes_working_in(self.data_directory), first=signal.SIGKILL, timeout=10)

    def _rotate_log(self) -> None:
        if self._log.exists() and self._log.stat().st_size > LARGEST_LOG:
            self._log.replace(self._log.with_suffix(".log.1"))

    @property
    def _log(self) -> Path:
        # Inside the data folder, the one place where the server's account may always write.
        return self.data_directory / "server.log"

    @property
    def _pid_file(self) -> Path:
        return self.data_directory / "postmaster.pid"

    def _pid_file_lines(self) -> list[str]:
        try:
            return [line.strip() for line in self._pid_file.read_text().split("\n")]
        except OSError:
            return []

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of this data folder, against other processes and other threads."""
        self.data_directory.parent.mkdir(parents=True, exist_ok=True)
        path = self.data_directory.with_name(f"{self.data_directory.name}.lock")
        with _THREADS, _opened(path) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("a")
    except PermissionError:
        raise PrivatePostgresError(
            f"{path} belongs to another user: start as that user, or set DATABASE_URL."
        ) from None


_THREADS = threading.Lock()
