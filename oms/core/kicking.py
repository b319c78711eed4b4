"""Waking the relay as soon as a transaction that emitted events is committed.

A kick only spares the second until the scheduler's next tick, so it may be lost. What it may never do
is slow or fail the request: a thread of the process sends it, many commits share one kick, and while
the broker is down it keeps quiet for a few seconds at a time.
"""

import os
import threading
from collections.abc import Callable

import structlog
from celery import current_app
from django.conf import settings
from django.db import connections, transaction

RELAY_TASK = "oms.core.tasks.relay_outbox"
PAUSE_S = 0.05
PAUSE_AFTER_FAILURE_S = 5.0
EXPIRES_S = 10

logger = structlog.get_logger(__name__)


class Kicker:
    """One thread that turns any number of `wake()` calls into at most one message every `PAUSE_S`."""

    def __init__(self, send: Callable[[], None]) -> None:
        self._send = send
        self._wanted = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0

    def wake(self) -> None:
        """Ask for a kick; returns at once."""
        self._wanted.set()
        if self._thread is None or self._pid != os.getpid() or not self._thread.is_alive():
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is not None and self._pid == os.getpid() and self._thread.is_alive():
                return
            self._pid = os.getpid()
            self._thread = threading.Thread(target=self._run, name="outbox-kicker", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._wanted.wait()
            self._wanted.clear()
            pause.wait(PAUSE_S if self._sent() else PAUSE_AFTER_FAILURE_S)

    def _sent(self) -> bool:
        try:
            self._send()
        except Exception as error:
            logger.warning("outbox.kick_failed", error=str(error))
            return False
        finally:
            connections.close_all()
        return True


def _send_kick() -> None:
    current_app.send_task(RELAY_TASK, queue="default", expires=EXPIRES_S, retry=False, ignore_result=True)


kicker = Kicker(_send_kick)


def kick_relay() -> None:
    """Ask the relay to run soon, unless the settings leave that to the scheduler."""
    if getattr(settings, "OUTBOX_KICKS", True):
        kicker.wake()


def kick_after_commit() -> None:
    """Kick once when the present transaction is committed, however many events it emitted.

    Django forgets callbacks registered inside a savepoint that is rolled back, so one that is
    still listed will run.
    """
    callbacks = transaction.get_connection().run_on_commit
    if not any(callback is kick_relay for _, callback, *_ in callbacks):
        transaction.on_commit(kick_relay)
