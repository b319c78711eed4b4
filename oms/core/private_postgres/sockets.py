"""The folder of the Unix socket: short, private, and the same after every start."""

import hashlib
import os
import socket
import stat
import tempfile
from pathlib import Path
from urllib.parse import quote

from oms.core.private_postgres.errors import PrivatePostgresError

PORT = 5432
USER = DATABASE = "halles"
# The kernel keeps 108 bytes for a socket's path, the closing zero included.
LONGEST_SOCKET_PATH = 107


def socket_in(folder: Path) -> Path:
    return folder / f".s.PGSQL.{PORT}"


def database_url(folder: Path, *, database: str = DATABASE) -> str:
    """A URL that libpq, psycopg and django-environ all read as: this socket, this database.

    The port is spelt out so that a PGPORT in someone's environment changes nothing.
    """
    return f"postgresql://{USER}@:{PORT}/{database}?host={quote(str(folder), safe='')}"


def short_temporary_folder(*, room_for: int = 60) -> Path:
    """The system's temporary folder, or /tmp where that one is too deep for a socket's path."""
    chosen = Path(tempfile.gettempdir())
    name = socket_in(chosen / ("x" * room_for))
    return chosen if fits(name) else Path("/tmp")  # noqa: S108


def fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= LONGEST_SOCKET_PATH


def preferred_socket_folder(data_directory: Path) -> Path:
    """One name per data folder and user, so that an address handed out before stays true."""
    digest = hashlib.sha256(os.fsencode(data_directory.resolve())).hexdigest()[:12]
    return short_temporary_folder() / f"halles-{os.geteuid()}-{digest}"


def claim_socket_folder(folder: Path, *, owner: int) -> Path:
    """Make `folder` ours and closed to everyone else; elsewhere if somebody holds that name."""
    if not fits(socket_in(folder)):
        raise PrivatePostgresError(
            f"{socket_in(folder)} is longer than {LONGEST_SOCKET_PATH} bytes, the longest path a Unix socket can have."
        )
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not _is_private(folder, owner):
            return Path(tempfile.mkdtemp(prefix="halles-", dir=short_temporary_folder()))
    return folder


def _is_private(folder: Path, owner: int) -> bool:
    found = folder.lstat()
    ours = found.st_uid in (owner, os.geteuid())
    return stat.S_ISDIR(found.st_mode) and ours and stat.S_IMODE(found.st_mode) == 0o700


def answers(folder: Path) -> bool:
    """Whether a server listens on the folder's socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        try:
            client.connect(str(socket_in(folder)))
        except BlockingIOError:
            return True  # so many are waiting to be let in that there is no room to queue
        except OSError:
            return False
    return True
