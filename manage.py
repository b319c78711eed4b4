#!/usr/bin/env python
"""Django's commands, with a database: the one of DATABASE_URL, else the project's private server."""

import os
import sys

WITHOUT_DATABASE = {
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "startapp",
    "startproject",
    "version",
}


def main() -> None:
    """Run the command line's command."""
    if sys.version_info < (3, 11):  # noqa: UP036 (whoever starts it with an older one must be told)
        sys.exit(f"Halles needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        sys.exit(
            f"{sys.executable} cannot import Django ({error}).\n"
            "Run `make install` once, then `.venv/bin/python manage.py …`."
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oms.settings")
    if needs_database(sys.argv[1:]):
        find_database()
    execute_from_command_line(sys.argv)


def needs_database(arguments: list[str]) -> bool:
    """Whether the command could want a database: all do, but a few that surely do not."""
    asks_for_help = not {"-h", "--help", "--version"}.isdisjoint(arguments)
    return bool(arguments) and not asks_for_help and arguments[0] not in WITHOUT_DATABASE


def find_database() -> None:
    """Set DATABASE_URL before the settings read it."""
    from oms.core.private_postgres import PrivatePostgresError, ensure_database_url

    try:
        ensure_database_url()
    except PrivatePostgresError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
