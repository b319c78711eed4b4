"""The events a test's services told."""

from typing import Any

from oms.core.models import OutboxEvent


def told(name: str) -> list[dict[str, Any]]:
    """The payloads of the events of that name, in order."""
    return list(OutboxEvent.objects.filter(name=name).order_by("id").values_list("payload", flat=True))
