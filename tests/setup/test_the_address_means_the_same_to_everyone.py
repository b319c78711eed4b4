from pathlib import Path

import psycopg
import pytest
from django.db.utils import ConnectionHandler
from psycopg.conninfo import conninfo_to_dict

from oms.core.private_postgres import PrivatePostgres
from oms.core.private_postgres.sockets import database_url
from oms.settings import database_from_url


def test_psycopg_reads_socket_folder_user_and_database() -> None:
    assert conninfo_to_dict(database_url(Path("/tmp/a folder"))) == {
        "host": "/tmp/a folder",
        "port": "5432",
        "user": "halles",
        "dbname": "halles",
    }


def test_the_settings_read_socket_folder_user_and_database() -> None:
    database = database_from_url(database_url(Path("/tmp/a folder")))

    assert database["HOST"] == "/tmp/a folder"
    assert (database["PORT"], database["USER"], database["NAME"]) == ("5432", "halles", "halles")


def test_django_connects_with_what_the_settings_read(expendable_postgres: PrivatePostgres) -> None:
    handler = ConnectionHandler({"default": database_from_url(expendable_postgres.url)})
    parameters = handler["default"].get_connection_params()

    with psycopg.connect(**parameters) as found:
        assert found.execute("SELECT current_user, current_database()").fetchone() == ("halles", "halles")


def test_a_port_in_the_environment_changes_nothing(
    expendable_postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGUSER", "somebody")

    with psycopg.connect(expendable_postgres.url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("halles",)
