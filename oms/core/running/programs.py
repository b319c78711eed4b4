"""What makes up a running Halles."""

import sys
from pathlib import Path

from oms.core.running.children import Program

# Imports have a worker of their own: a long one must not delay sourcing or labels.
WORKERS = {
    "worker": ("sourcing,labels,deliveries,default", 2),
    "imports": ("imports", 1),
}


def programs(*, bind: str, folder: Path) -> list[Program]:
    """The web server, the workers and the scheduler."""
    return [
        _web(bind),
        *(_worker(name, queues, processes) for name, (queues, processes) in WORKERS.items()),
        _scheduler(folder),
    ]


def _web(bind: str) -> Program:
    # gunicorn.conf.py says the rest.
    options = (
        f"--bind={bind}",
        "--workers=2",
        "--threads=8",
        "--graceful-timeout=10",
        "--no-control-socket",  # one file per user, over which two Halles would quarrel
    )
    return Program("web", (sys.executable, "-m", "gunicorn", "oms.wsgi", *options))


def _worker(name: str, queues: str, processes: int) -> Program:
    options = (
        f"--hostname={name}@%h",
        f"--queues={queues}",
        f"--concurrency={processes}",
        "--loglevel=WARNING",  # a periodic task a second would drown the rest
        # Workers say that they are alive by a row in the database, not to each other.
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    )
    return Program(name, (*_celery(), "worker", *options))


def _scheduler(folder: Path) -> Program:
    # The schedule is in the code; this file only remembers when each entry ran last.
    options = (f"--schedule={folder / 'schedule'}", "--pidfile=", "--loglevel=WARNING")
    return Program("scheduler", (*_celery(), "beat", *options))


def _celery() -> tuple[str, ...]:
    # Root in a container is root on purpose: Celery need not say so at every start.
    silenced = "ignore:You're running the worker with superuser"
    return (sys.executable, "-W", silenced, "-m", "celery", "--app=oms.celery", "--quiet")
