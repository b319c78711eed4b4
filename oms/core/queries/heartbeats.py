"""Which parts of the machinery give signs of life."""

from oms.core.models import Heartbeat
from oms.core.queries.machine_time import ago

RELAY, WORKER, BEAT = PARTS = ("relay", "worker", "beat")


def silent_parts(*, max_age_s: float) -> list[str]:
    """The parts without a heartbeat in the last `max_age_s` seconds."""
    alive = set(Heartbeat.objects.filter(beat_at__gte=ago(max_age_s)).values_list("name", flat=True))
    return [part for part in PARTS if part not in alive]
