"""One long-running program under the supervisor's care: started, listened to, started again."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from oms.core.running.processes import Process, end_processes, processes_in_session

LONGEST_PAUSE = 30.0
# Whoever ran this long before it died is not in a loop of crashes.
LONG_ENOUGH = 60.0


@dataclass(frozen=True)
class Program:
    """What to run, under the name that its lines of output begin with."""

    name: str
    command: tuple[str, ...]


class Child:
    """A program that should be running."""

    def __init__(self, program: Program, *, folder: Path, say: Callable[[str, str], None]) -> None:
        self.program = program
        self.process: Process | None = None
        self._folder = folder
        self._say = say
        self._popen: subprocess.Popen[str] | None = None
        self._failures = 0
        self._started_at = 0.0
        self._start_again_at: float | None = None

    def start(self) -> None:
        """Start in a session of its own: Ctrl-C in the terminal is the supervisor's to answer."""
        self._popen = subprocess.Popen(
            self.program.command,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.process = Process.of(self._popen.pid)
        self._started_at = time.monotonic()
        self._start_again_at = None
        assert self._popen.stdout is not None
        threading.Thread(target=self._relay, args=(self._popen.stdout,), daemon=True).start()

    def look_after(self) -> None:
        """Notice a death, and start again once the pause after it is over."""
        if self._popen is not None and self._has_ended():
            self._mourn()
        if self._start_again_at is not None and time.monotonic() >= self._start_again_at:
            self.start()

    def ask_to_end(self) -> None:
        """Begin an orderly end; nothing is started again from here on."""
        self._start_again_at = None
        if self.process is not None:
            self.process.send(signal.SIGTERM)

    def end_now(self) -> None:
        """Kill the program and everything it started."""
        self._start_again_at = None
        if self._popen is not None:
            self._sweep_session()
            self._popen.wait()

    @property
    def has_ended(self) -> bool:
        return self._popen is None or self._has_ended()

    def _has_ended(self) -> bool:
        """Whether the program ended; it is left unreaped, so its number is still its own."""
        assert self._popen is not None
        if self._popen.returncode is not None:
            return True
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._popen.pid, flags) is not None

    def _mourn(self) -> None:
        assert self._popen is not None
        # Orphans of a killed program would hold its port or its tasks.
        self._sweep_session()
        status = self._popen.wait()
        if time.monotonic() - self._started_at > LONG_ENOUGH:
            self._failures = 0
        pause = min(LONGEST_PAUSE, 2.0**self._failures)
        self._failures += 1
        self._popen = None
        self._start_again_at = time.monotonic() + pause
        self._say(self.program.name, f"ended unexpectedly ({describe(status)}); starting again in {pause:.0f} s")

    def _sweep_session(self) -> None:
        assert self._popen is not None
        end_processes(processes_in_session(self._popen.pid), first=signal.SIGKILL, timeout=5)

    def _relay(self, output: IO[str]) -> None:
        with output:
            for line in output:
                self._say(self.program.name, line.rstrip("\n"))


def describe(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exit status {status}"
    return f"killed by {signal.Signals(-status).name}"
