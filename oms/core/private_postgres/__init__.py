"""A PostgreSQL of our own, for whoever has none at hand.

Runs before the settings are read: nothing here imports Django.
"""

from oms.core.private_postgres.errors import PrivatePostgresError
from oms.core.private_postgres.project import ensure_database_url, project_postgres
from oms.core.private_postgres.server import PrivatePostgres
from oms.core.private_postgres.temporary import temporary_postgres

__all__ = [
    "PrivatePostgres",
    "PrivatePostgresError",
    "ensure_database_url",
    "project_postgres",
    "temporary_postgres",
]
