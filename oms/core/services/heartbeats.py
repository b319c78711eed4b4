"""Signs of life, written by the parts of the machinery themselves."""

import time

from django.db import connection

from oms.core.queries.heartbeats import WORKER

EVERY_S = 2.0

_BEAT = """
INSERT INTO core_heartbeat (name, beat_at) VALUES (%s, statement_timestamp())
ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at
"""

_last_beats: dict[str, float] = {}


def record_heartbeat(*, name: str) -> None:
    """The part is alive now. Written every `EVERY_S` seconds per process at most."""
    moment = time.monotonic()
    if moment - _last_beats.get(name, -EVERY_S) < EVERY_S:
        return
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [name])
    _last_beats[name] = moment


def worker_is_alive() -> None:
    record_heartbeat(name=WORKER)
