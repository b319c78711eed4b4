"""One step of a return, told to everybody who asks later."""

from __future__ import annotations

from typing import Any

from oms.core.audit import record_audit
from oms.core.events import emit
from orders.services.timeline import note
from returns.models import Return


def tell(returned: Return, event: str, **data: Any) -> None:
    """Audit entry, the order's story and the event, in the present transaction. `data` holds no personal data."""
    record_audit(event, subject=returned.reference, changes={"state": returned.state, **data})
    if returned.order_id is not None:
        note(order_id=returned.order_id, event=event, returned=returned.number, **data)
    emit(event, return_id=returned.pk, order_id=returned.order_id)
