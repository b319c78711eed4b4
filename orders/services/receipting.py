"""A customer wants the receipt once more."""

from __future__ import annotations

import uuid

from django.db import transaction

from oms.core.events import emit
from orders.services.timeline import note


@transaction.atomic
def send_receipt(*, order_id: int) -> None:
    """Whoever writes to customers hears of it."""
    note(order_id=order_id, event="receipt.requested")
    emit("receipt.requested", order_id=order_id, wish=uuid.uuid4().hex)
