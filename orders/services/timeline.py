"""The story of an order, for people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.encoding import to_json
from oms.core.prepared import prepared
from oms.orchestration.services.outcomes import record_outcome
from orders.models import Fulfilment

PAYMENT_ABANDONED = "payment.abandoned"

_NOTE = """
INSERT INTO orders_timelineentry (order_id, at, event, actor, data)
SELECT order_id, %s::timestamptz, event, %s::text, data
FROM unnest(%s::bigint[], %s::text[], %s::jsonb[]) WITH ORDINALITY AS w (order_id, event, data, place) ORDER BY place
"""


class Entry(NamedTuple):
    """`data` holds references, no personal data."""

    order_id: int
    event: str
    data: dict[str, Any]


def note_all(entries: Sequence[Entry]) -> None:
    """Write what just happened to many orders, in the present transaction, in this order."""
    if not entries:
        return
    columns = ([each.order_id for each in entries], [each.event for each in entries])
    texts = [to_json(each.data).decode() for each in entries]
    prepared(_NOTE, [clock.now(), current_actor(), *columns, texts])


def note(*, order_id: int, event: str, **data: Any) -> None:
    """Write what just happened, in the present transaction. `data` holds references, no personal data."""
    note_all([Entry(order_id, event, data)])


def tell(
    fulfilment: Fulfilment,
    *,
    event: str,
    outcome: str | None = None,
    began_at: datetime | None = None,
    at: datetime | None = None,
    **data: Any,
) -> None:
    """Note what a stock point did with its work, and tell orchestration the outcome of its decision.

    `outcome` is one of orchestration's outcome kinds; None where the event is no outcome. It came about `at`
    (now), and what ended with it had begun at `began_at`.
    """
    note(
        order_id=fulfilment.order_id,
        event=event,
        fulfilment=fulfilment.pk,
        stock_point=fulfilment.stock_point.code,
        **data,
    )
    if outcome is not None:
        record_outcome(
            reference=fulfilment.order.number,
            stock_point_id=fulfilment.stock_point_id,
            kind=outcome,
            at=at or clock.now(),
            began_at=began_at,
            service=fulfilment.service if began_at else "",
            zone=fulfilment.zone if began_at else "",
            data={"fulfilment": fulfilment.pk, **data},
        )
