"""Ending everything that runs for this project, also what a killed supervisor left behind."""

import signal
from pathlib import Path

from oms.core.private_postgres.project import PROJECT_ROOT, project_postgres
from oms.core.private_postgres.temporary import remove_abandoned
from oms.core.running.processes import Process, end_processes, processes_in_session, wait_for
from oms.core.running.records import Record

SUPERVISOR_SECONDS = 90


def stop_everything(folder: Path) -> None:
    """End the supervisor, its programs, the private PostgreSQL and abandoned test servers."""
    record = Record(folder)
    if not record.take():
        _end_supervisor(record)
    try:
        end_leftovers(record)
    finally:
        record.release()
    project_postgres().stop()
    remove_abandoned()


def _end_supervisor(record: Record) -> None:
    supervisor = record.supervisor
    if supervisor is not None:
        supervisor.send(signal.SIGTERM)
    if not wait_for(record.take, SUPERVISOR_SECONDS):
        if supervisor is not None:
            supervisor.send(signal.SIGKILL)
        wait_for(record.take, SUPERVISOR_SECONDS)


def end_leftovers(record: Record) -> None:
    """End the programs of a supervisor that is gone."""
    for child in record.children:
        left = [process for process in processes_in_session(child.pid) if _is_of(child, process)]
        end_processes(left, first=signal.SIGTERM, timeout=10)


def _is_of(child: Process, process: Process) -> bool:
    """Whether `process` stems from `child`, and not from a stranger who got its number later."""
    return process.works_in(PROJECT_ROOT) and not _is_taken(child)


def _is_taken(child: Process) -> bool:
    now = Process.of(child.pid)
    return now is not None and now != child
