"""Reserved goods leave: off the shelf, off what is reserved, and into the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import IntegrityError, transaction

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.prepared import prepared_cursor
from oms.core.retrying import retry_on_conflict
from stock.errors import DuplicateReference
from stock.models import MovementKind
from stock.queries.availability import LevelKey
from stock.services.closing import take_off
from stock.services.locking import columns_of, lock_levels_of_reservations
from stock.states import ReservationState

_LEAVE: Final = """
WITH gone AS (
    SELECT * FROM unnest(%(variant_ids)s::bigint[], %(stock_point_ids)s::bigint[], %(quantities)s::integer[])
             AS g(variant_id, stock_point_id, quantity)
), levels AS (
    UPDATE stock_stocklevel s SET on_hand = s.on_hand - g.quantity, reserved = s.reserved - g.quantity
    FROM gone g WHERE s.variant_id = g.variant_id AND s.stock_point_id = g.stock_point_id
)
INSERT INTO stock_stockmovement
    (variant_id, stock_point_id, kind, reference, quantity, occurred_at, recorded_at, recorded_by)
SELECT variant_id, stock_point_id, %(kind)s, %(reference)s, -quantity, %(at)s, %(at)s, %(actor)s FROM gone
"""


@retry_on_conflict
@transaction.atomic
def consume_reservations(*, items: Sequence[tuple[int, int]], kind: str, reference: str) -> None:
    """`(reservation id, quantity)` left as a `shipment` or a `sale`: one ledger row per level.

    A part consumed leaves the rest of its reservation live, under its own id. Raises `StateConflict`
    where one is not live or too small, `DuplicateReference` where the ledger already has this kind and
    reference for one of the levels.
    """
    lock_levels_of_reservations([reservation for reservation, _ in items])
    at = clock.now()
    consumed = take_off(items=items, into=ReservationState.CONSUMED, at=at)
    if consumed:
        _record_leaving(consumed, kind=MovementKind(kind), reference=reference, at=at)


def _record_leaving(consumed: Mapping[LevelKey, int], *, kind: MovementKind, reference: str, at: object) -> None:
    parameters: dict[str, Any] = {
        **columns_of(consumed),
        "quantities": [consumed[key] for key in sorted(consumed)],
        "kind": kind.value,
        "reference": reference,
        "at": at,
        "actor": current_actor(),
    }
    try:
        with prepared_cursor() as cursor:
            cursor.execute(_LEAVE, parameters)
    except IntegrityError as error:
        raise DuplicateReference(f"The ledger already has {kind} {reference}.") from error
