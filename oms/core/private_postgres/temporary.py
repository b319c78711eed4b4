"""Servers that live as long as the process that asked for them, and lose their data with it."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oms.core.private_postgres.accounts import account_for
from oms.core.private_postgres.server import PrivatePostgres
from oms.core.private_postgres.sockets import short_temporary_folder
from oms.core.running.processes import Process

PREFIX = "halles-temporary"
_NAME = re.compile(PREFIX + r"-(\d+)-(\d+)-")


@contextmanager
def temporary_postgres() -> Iterator[PrivatePostgres]:
    """A running, non-durable server in a folder of its own; both are gone afterwards."""
    remove_abandoned()
    folder = _new_folder()
    server = PrivatePostgres(folder / "data", socket_directory=folder, durable=False)
    try:
        server.start()
        yield server
    finally:
        _remove(folder)


def remove_abandoned() -> int:
    """Remove the servers whose owner is gone without having removed them; how many there were."""
    removed = 0
    for folder in short_temporary_folder().glob(f"{PREFIX}-*"):
        if _is_ours(folder) and not _owner_is_alive(folder):
            _remove(folder)
            removed += 1
    return removed


def _new_folder() -> Path:
    owner = Process.of(os.getpid())
    assert owner is not None, "this very process is running"
    # The owner is in the name: a folder is never without one, however early its owner dies.
    prefix = f"{PREFIX}-{owner.pid}-{owner.started}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=short_temporary_folder()))
    account_for(folder).take_over(folder)
    return folder


def _is_ours(folder: Path) -> bool:
    try:
        return os.geteuid() in (0, folder.lstat().st_uid) and not folder.is_symlink()
    except FileNotFoundError:
        return False


def _owner_is_alive(folder: Path) -> bool:
    match = _NAME.match(folder.name)
    return match is None or Process(int(match[1]), int(match[2])).is_alive


def _remove(folder: Path) -> None:
    if (folder / "data").exists():
        PrivatePostgres(folder / "data", socket_directory=folder).kill()
    shutil.rmtree(folder, ignore_errors=True)
