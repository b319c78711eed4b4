"""The kernel's scheduled tasks. Each acts on whatever is due, so that two schedulers, or one that missed
its ticks, have one effect."""

import time

from celery import shared_task

from oms.core.queries.heartbeats import BEAT, RELAY
from oms.core.services import heartbeats, purging, relaying, sealing

LONGEST_RUN_S = 10.0


@shared_task(ignore_result=True)
def relay_outbox() -> None:
    """Until nothing waits; another relay takes over after a while, so that the queue's other tasks get their turn."""
    heartbeats.worker_is_alive()
    end = time.monotonic() + LONGEST_RUN_S
    while relaying.relay_events() >= relaying.EVENTS_AT_ONCE and time.monotonic() < end:
        pass
    heartbeats.record_heartbeat(name=RELAY)


@shared_task(ignore_result=True)
def sweep_deliveries() -> None:
    end = time.monotonic() + LONGEST_RUN_S
    while relaying.resend_due() >= relaying.EVENTS_AT_ONCE and time.monotonic() < end:
        pass


@shared_task(ignore_result=True)
def record_heartbeat() -> None:
    """Sent by the scheduler, run by a worker: both are alive."""
    heartbeats.record_heartbeat(name=BEAT)
    heartbeats.worker_is_alive()


@shared_task(ignore_result=True)
def seal_audit() -> None:
    end = time.monotonic() + LONGEST_RUN_S
    while sealing.seal_audit() >= sealing.ENTRIES_AT_ONCE and time.monotonic() < end:
        pass


@shared_task(ignore_result=True)
def purge_old_records() -> None:
    purging.purge_old_records()
