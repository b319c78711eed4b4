"""The story of an order, for people."""

from typing import Any

from oms.core import clock
from oms.core.actors import current_actor
from orders.models import TimelineEntry


def note(*, order_id: int, event: str, **data: Any) -> None:
    """Write what just happened, in the present transaction. `data` holds references, no personal data."""
    TimelineEntry.objects.create(order_id=order_id, at=clock.now(), event=event, actor=current_actor(), data=data)
