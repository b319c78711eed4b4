"""Halles on a machine whose clock is `CLOCK_OFF_MINUTES` off (ahead, or behind where it is less than nothing)."""

import os
from datetime import UTC, datetime, timedelta

import time_machine

time_machine.travel(datetime.now(UTC) + timedelta(minutes=int(os.environ["CLOCK_OFF_MINUTES"])), tick=True).start()

from oms.celery import app  # noqa: E402 (the clock comes first)
from oms.wsgi import application  # noqa: E402

__all__ = ["app", "application"]
