"""Each new connection asks the database what time it is: a machine whose clock is off finds out within a minute."""

from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from oms.core import clock

logger = structlog.get_logger(__name__)


def follow_database() -> None:
    """From now on, as `CLOCK_FOLLOWS_DATABASE` says; connections are renewed every `DATABASE_CONN_MAX_AGE` seconds."""
    connection_created.connect(_ask, dispatch_uid="halles.clock")


def _ask(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.alias != DEFAULT_DB_ALIAS or not settings.CLOCK_FOLLOWS_DATABASE:
        return
    own = connection.connection
    assert own is not None

    def ask() -> datetime:
        # The connection's own cursor: nothing is counted or logged as a statement of the business.
        at: datetime = own.execute("SELECT clock_timestamp()").fetchone()[0]
        return at

    behind = clock.agree_with(ask)
    if behind:
        logger.warning("clock.off", behind_s=round(behind.total_seconds(), 1))
