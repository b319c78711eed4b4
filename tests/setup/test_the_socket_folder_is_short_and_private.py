import stat
import tempfile
from pathlib import Path

import pytest

from oms.core.private_postgres import PrivatePostgres, PrivatePostgresError, temporary_postgres
from oms.core.private_postgres.sockets import claim_socket_folder, socket_in
from tests.setup.conftest import rows


def test_nobody_else_may_enter_it_and_nothing_listens_on_tcp(expendable_postgres: PrivatePostgres) -> None:
    assert stat.S_IMODE(expendable_postgres.socket_directory.stat().st_mode) == 0o700
    assert rows(expendable_postgres, "SHOW listen_addresses") == [("",)]


def test_a_deep_temporary_folder_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))

    with temporary_postgres() as server:
        assert len(bytes(socket_in(server.socket_directory))) <= 107
        assert rows(server, "SELECT 1") == [(1,)]


def test_a_path_longer_than_the_kernel_takes_is_refused_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(PrivatePostgresError, match="longer than 107 bytes"):
        claim_socket_folder(tmp_path / ("s" * 100), owner=0)


def test_a_name_that_others_can_enter_is_left_alone(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir(mode=0o755)

    chosen = claim_socket_folder(taken, owner=0)

    assert chosen != taken
    assert stat.S_IMODE(chosen.stat().st_mode) == 0o700
    chosen.rmdir()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")

    chosen = claim_socket_folder(tmp_path / "link", owner=0)

    assert chosen != tmp_path / "link"
    chosen.rmdir()
