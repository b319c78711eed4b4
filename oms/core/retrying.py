"""Run a whole service again when the database, or a lost race, asks for it."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import structlog
from django.db import OperationalError, transaction
from psycopg import errors as pg

from oms.core.errors import ConcurrentChange

P = ParamSpec("P")
R = TypeVar("R")

RETRIES = 3

logger = structlog.get_logger(__name__)


def is_conflict(error: BaseException) -> bool:
    """Whether running the same transaction again may succeed: deadlock, serialisation failure, a changed read."""
    if isinstance(error, ConcurrentChange):
        return True
    return isinstance(error, OperationalError) and isinstance(
        error.__cause__, pg.DeadlockDetected | pg.SerializationFailure
    )


def retry_on_conflict(service: Callable[P, R]) -> Callable[P, R]:
    """The service runs up to `RETRIES` more times on a conflict.

    Only where it opens the outermost transaction: inside another one the rollback belongs to the
    caller, whose own retry (or the task's) covers it.
    """

    @wraps(service)
    def retrying(*args: P.args, **kwargs: P.kwargs) -> R:
        if transaction.get_connection().in_atomic_block:
            return service(*args, **kwargs)
        for attempt in range(1, RETRIES + 1):
            try:
                return service(*args, **kwargs)
            except (OperationalError, ConcurrentChange) as error:
                if not is_conflict(error):
                    raise
                logger.info("service.retried", service=service.__qualname__, attempt=attempt, error=str(error))
        return service(*args, **kwargs)

    return retrying
