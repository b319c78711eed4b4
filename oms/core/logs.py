"""Logging: every line structured, JSON in production, readable in development, with the request's id."""

import logging.config
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from structlog.typing import Processor

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.UnicodeDecoder(),
]

PROBE = "/readyz"


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """A probe that answers “not ready” has done its work: Django would call each 503 of it an error."""
    path = getattr(getattr(record, "request", None), "path", "")
    return not (path == PROBE and getattr(record, "status_code", 0) == HTTPStatus.SERVICE_UNAVAILABLE)


def configure(settings: Mapping[str, Any]) -> None:
    """Django's LOGGING_CONFIG: `{"level": "INFO", "json": True}`. The library's own lines take the same road."""
    last: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if settings.get("json")
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    level = settings.get("level", "INFO")
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": SHARED,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
                }
            },
            "filters": {"worth_a_line": {"()": lambda: is_worth_a_line}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django": {"handlers": [], "level": level, "propagate": True},
                "django.request": {"filters": ["worth_a_line"], "level": level},
                # One line per request is the web server's business.
                "django.server": {"handlers": ["stderr"], "level": level, "propagate": False},
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
            },
        }
    )
