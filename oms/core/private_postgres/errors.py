"""Why the private PostgreSQL cannot be had, in a sentence that says what to do."""


class PrivatePostgresError(Exception):
    """The private PostgreSQL could not be started, reached or stopped."""


class PostgresNotFoundError(PrivatePostgresError):
    """No PostgreSQL binaries on this machine fit."""


class PostgresCommandError(PrivatePostgresError):
    """One of PostgreSQL's own commands failed; the message ends with what it said."""
