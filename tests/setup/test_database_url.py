"""The address of a private server is read alike by everyone who reads it."""

from pathlib import Path

from oms.core.private_postgres.sockets import database_url


def test_psycopg_reads_socket_folder_user_and_database() -> None:
    from psycopg.conninfo import conninfo_to_dict

    assert conninfo_to_dict(database_url(Path("/tmp/a folder"))) == {
        "host": "/tmp/a folder",
        "port": "5432",
        "user": "halles",
        "dbname": "halles",
    }
