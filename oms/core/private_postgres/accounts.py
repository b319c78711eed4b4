"""The account that PostgreSQL runs under, because it refuses to run as root."""

import functools
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from oms.core.private_postgres.errors import PrivatePostgresError


@dataclass(frozen=True)
class Account:
    """How to run a command as an ordinary user: through a prefix, or by changing the uid."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def run(self, command: list[str], *, output: IO[Any] | int, stdin: IO[Any] | int, cwd: Path) -> int:
        """Run `command` to its end and return its status.

        Never with a pipe: a server that outlives the command would keep the pipe open, and whoever
        reads it would wait for ever.
        """
        return subprocess.run(
            [*self.prefix, *command],
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_clean_environment(),
            cwd=cwd,
            user=self.uid,
            group=self.gid,
            extra_groups=[] if self.uid is not None else None,
            start_new_session=True,
            check=False,
        ).returncode

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may use what lies in `folder`, every folder above it included."""
        # From / on: a working directory is entered before the uid changes, so it would prove nothing.
        test = ["test", "-x", str(folder)]
        return self.run(test, output=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd=Path("/")) == 0

    def take_over(self, path: Path) -> None:
        """Make `path` belong to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def _clean_environment() -> dict[str, str]:
    """The environment without PGDATA, PGPORT and their like: they would change what we start."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def account_for(data_directory: Path) -> Account:
    """The account for a server on `data_directory`, which may not exist yet."""
    owner = data_directory.stat().st_uid if data_directory.exists() else os.geteuid()
    if os.geteuid() != 0:
        if owner != os.geteuid():
            raise PrivatePostgresError(
                f"{data_directory} belongs to another user (uid {owner}); "
                "start as that user, or remove the folder to begin with an empty database."
            )
        return Account()
    if owner != 0:
        return switched_account(owner)
    return mapped_account() or switched_account(_ordinary_uid())


@functools.cache
def mapped_account() -> Account | None:
    """Root seen as an ordinary user in a user namespace, or None where the kernel refuses."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    uid = _ordinary_uid()
    account = Account(prefix=(unshare, "--user", f"--map-user={uid}", f"--map-group={uid}", "--"))
    status = account.run(["true"], output=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd=Path("/"))
    return account if status == 0 else None


def switched_account(uid: int) -> Account:
    """Another user of this machine."""
    try:
        return Account(uid=uid, gid=pwd.getpwuid(uid).pw_gid)
    except KeyError:
        raise PrivatePostgresError(
            f"PostgreSQL would have to run as uid {uid}, which has no account on this machine."
        ) from None


def _ordinary_uid() -> int:
    """Some account that is not root; initdb insists that the uid has a name."""
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return next(entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0)
