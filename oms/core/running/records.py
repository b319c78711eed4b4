"""Who runs here: a lock for as long as a supervisor lives, and a note of what it started.

The lock is the truth: the kernel drops it with its holder, however that one died. The note only
helps to find what to end.
"""

import fcntl
import json
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from oms.core.running.processes import Process


class Record:
    """The lock and the note of the supervisor whose runtime folder is `folder`."""

    def __init__(self, folder: Path) -> None:
        self._lock_path = folder / "run.lock"
        self._note_path = folder / "run.json"
        self._lock: IO[str] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def take(self) -> bool:
        """Become the one supervisor. False when another one is alive."""
        lock = self._lock_path.open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def release(self) -> None:
        if self._lock is not None:
            self._note_path.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def write(self, *, supervisor: Process | None, children: Iterable[Process], address: str) -> None:
        """Note who is who; replaced in one piece, so a reader never sees half of it."""
        note = {
            "supervisor": _pair(supervisor),
            "children": [_pair(child) for child in children],
            "address": address,
        }
        fresh = self._note_path.with_suffix(".new")
        fresh.write_text(json.dumps(note))
        fresh.replace(self._note_path)

    @property
    def supervisor(self) -> Process | None:
        pair = self._note().get("supervisor")
        return Process(*pair) if pair else None

    @property
    def children(self) -> list[Process]:
        return [Process(*pair) for pair in self._note().get("children", [])]

    @property
    def address(self) -> str:
        return str(self._note().get("address", ""))

    def _note(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self._note_path.read_text()))
        except (OSError, ValueError):
            return {}


def _pair(process: Process | None) -> tuple[int, int] | None:
    return None if process is None else (process.pid, process.started)
