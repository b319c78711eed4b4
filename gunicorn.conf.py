"""How gunicorn serves Halles when it is started in this folder; what its command line says comes first."""

from __future__ import annotations

import gc
from typing import Any

worker_class = "oms.core.running.fair_worker.FairWorker"
preload_app = True  # loaded once and shared: half the time and memory of loading it in each worker

# A request leaves hundreds of objects behind, few of them in circles: looking for those after each 700 objects
# (Python's default) is for programs that live shorter.
YOUNG_OBJECTS = 5_000


def on_starting(server: object) -> None:
    from oms.core.running.fair_worker import forget_all

    forget_all()


def child_exit(server: object, worker: Any) -> None:
    from oms.core.running.fair_worker import forget

    forget(worker.age)


def when_ready(server: object) -> None:
    """Everything is loaded before the workers are forked, and then left out of every later garbage collection: a
    full one would walk through two hundred thousand objects that never go away, while requests wait."""
    from django.db import connections
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 (imports every view)
    connections.close_all()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
