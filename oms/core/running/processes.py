"""Processes named so that a number used again is never taken for the process that had it before.

Linux only: everything is read from /proc.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Process:
    """A process: its number and its start, in clock ticks since boot."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "Process | None":
        """The process now running under `pid`, or None (a zombie does not run)."""
        stat = _stat(pid)
        return None if stat is None else cls(pid, int(stat[19]))

    @property
    def is_alive(self) -> bool:
        return Process.of(self.pid) == self

    def works_in(self, folder: Path) -> bool:
        """Whether `folder` is its working directory."""
        try:
            return Path(f"/proc/{self.pid}/cwd").readlink() == folder.resolve() and self.is_alive
        except OSError:
            return False

    def send(self, number: signal.Signals) -> None:
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the state on, or None when nothing runs there."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The command's name stands in brackets and may hold spaces and brackets itself.
    fields = text.rpartition(")")[2].split()
    return None if not fields or fields[0] in "ZX" else fields


def processes_working_in(folder: Path) -> list[Process]:
    """The live processes whose working directory is `folder`."""
    return [process for process in _all() if process.works_in(folder)]


def processes_in_session(leader: int) -> list[Process]:
    """The live processes of the session that `leader` opened, the leader included."""
    return [process for process in _all() if _session(process.pid) == leader]


def _all() -> Iterator[Process]:
    for entry in Path("/proc").iterdir():
        process = Process.of(int(entry.name)) if entry.name.isdigit() else None
        if process is not None:
            yield process


def _session(pid: int) -> int | None:
    stat = _stat(pid)
    return None if stat is None else int(stat[3])


def wait_for(condition: Callable[[], bool], timeout: float) -> bool:
    """Wait until `condition` holds. False when it still does not after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(POLL_SECONDS)
    return True


def end_processes(processes: Iterable[Process], *, first: signal.Signals, timeout: float) -> None:
    """Send `first` to each, and SIGKILL to those still alive after `timeout` seconds."""
    alive = list(processes)
    for number, patience in ((first, timeout), (signal.SIGKILL, 10.0)):
        for process in alive:
            process.send(number)
        if wait_for(lambda: not any(process.is_alive for process in alive), patience):
            return
