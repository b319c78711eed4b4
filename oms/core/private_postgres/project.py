"""The project's own database: what runs when nobody said which one to use."""

import hashlib
import os
from pathlib import Path

from oms.core.private_postgres.accounts import account_for
from oms.core.private_postgres.errors import PrivatePostgresError
from oms.core.private_postgres.installations import SHARED_FOLDER
from oms.core.private_postgres.server import PrivatePostgres

PROJECT_ROOT = Path(__file__).resolve().parents[3]
URL_VARIABLE = "DATABASE_URL"


def runtime_folder() -> Path:
    """The ignored folder for everything that running leaves behind."""
    return Path(os.environ.get("RUNTIME_FOLDER") or PROJECT_ROOT / ".data").absolute()


def project_postgres() -> PrivatePostgres:
    folder = runtime_folder() / "postgres"
    if not folder.exists() and not folder.is_symlink():
        _link_elsewhere_if_out_of_reach(folder)
    return PrivatePostgres(folder)


def _link_elsewhere_if_out_of_reach(folder: Path) -> None:
    """Where the server must be another user who may not enter our folder, give it one it may."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    account = account_for(folder)
    if account.uid is None or account.can_enter(folder.parent):
        return
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    elsewhere = SHARED_FOLDER / f"halles-{digest}"
    elsewhere.mkdir(mode=0o711, exist_ok=True)
    if elsewhere.is_symlink() or elsewhere.stat().st_uid != os.geteuid():
        raise PrivatePostgresError(f"{elsewhere} belongs to another user; remove it.")
    folder.symlink_to(elsewhere / "postgres")


def ensure_database_url() -> str:
    """The URL from the environment; without one, our server's, started and handed to children."""
    url = os.environ.get(URL_VARIABLE)
    if not url:
        server = project_postgres()
        server.start()
        url = os.environ[URL_VARIABLE] = server.url
    return url
