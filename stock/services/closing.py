"""Ending reservations, whole or in part, and taking them off their levels' `reserved`.

The callers hold the locks of the levels: only then can no reservation against them change meanwhile.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.errors import Invalid, StateConflict
from oms.core.prepared import prepared_cursor
from stock.models import Reservation
from stock.queries.availability import LevelKey
from stock.services.awaiting import free_receipts
from stock.services.ceilings import give_back_taken
from stock.services.locking import columns_of
from stock.states import ReservationState

Closed = dict[LevelKey, int]
"""Units by level that are no longer reserved of it."""

# All of them or none. A part that ends becomes a row of its own; the reservation keeps its id and the rest.
_CLOSE_PARTS: Final = """
WITH able AS MATERIALIZED (
    SELECT r.id, r.quantity AS held, a.quantity
    FROM unnest(%(ids)s::bigint[], %(quantities)s::integer[]) AS a(id, quantity)
    JOIN stock_reservation r USING (id)
    WHERE r.state IN ('held', 'confirmed') AND r.quantity >= a.quantity
      AND (r.expected_receipt_id IS NULL OR %(state)s <> 'consumed')
), verdict AS MATERIALIZED (
    SELECT count(*) = %(count)s AS is_whole FROM able
), whole AS (
    UPDATE stock_reservation r SET state = %(state)s, ended_at = %(at)s
    FROM able a, verdict WHERE r.id = a.id AND a.held = a.quantity AND verdict.is_whole
    RETURNING r.variant_id, r.stock_point_id, r.quantity, r.expected_receipt_id, r.allotment_counter_id
), part AS (
    UPDATE stock_reservation r SET quantity = r.quantity - a.quantity
    FROM able a, verdict WHERE r.id = a.id AND a.held > a.quantity AND verdict.is_whole
    RETURNING r.owner, r.channel_id, r.variant_id, r.stock_point_id, r.expires_at, r.created_at, a.quantity,
              r.expected_receipt_id, r.allotment_counter_id
), ended AS (
    INSERT INTO stock_reservation
        (owner, channel_id, variant_id, stock_point_id, quantity, state, expires_at, created_at, ended_at,
         expected_receipt_id, allotment_counter_id)
    SELECT owner, channel_id, variant_id, stock_point_id, quantity, %(state)s, expires_at, created_at, %(at)s,
           expected_receipt_id, allotment_counter_id
    FROM part
)
SELECT variant_id, stock_point_id, quantity, expected_receipt_id, allotment_counter_id FROM whole
UNION ALL SELECT variant_id, stock_point_id, quantity, expected_receipt_id, allotment_counter_id FROM part
"""
_CLOSE_LIVE: Final = """
UPDATE stock_reservation SET state = %(state)s, ended_at = %(at)s
WHERE id = ANY(%(ids)s::bigint[]) AND state = ANY(%(from_states)s::text[])
RETURNING variant_id, stock_point_id, quantity, expected_receipt_id, allotment_counter_id
"""
_FREE: Final = """
UPDATE stock_stocklevel s SET reserved = s.reserved - f.quantity
FROM unnest(%(variant_ids)s::bigint[], %(stock_point_ids)s::bigint[], %(quantities)s::integer[])
     AS f(variant_id, stock_point_id, quantity)
WHERE s.variant_id = f.variant_id AND s.stock_point_id = f.stock_point_id
"""


def close_live(*, ids: Sequence[int], into: ReservationState, frm: Sequence[ReservationState]) -> Closed:
    """End the reservations that are in one of the states; the others are passed over."""
    parameters: dict[str, Any] = {
        "ids": list(ids),
        "state": into.value,
        "at": clock.now(),
        "from_states": [str(s) for s in frm],
    }
    with prepared_cursor() as cursor:
        cursor.execute(_CLOSE_LIVE, parameters)
        closed = _summed(cursor.fetchall(), into)
    _free(closed)
    return closed


def close_parts(*, items: Sequence[tuple[int, int]], into: ReservationState) -> Closed:
    """End `(reservation id, quantity)` each, all of them or none: `StateConflict` names one that cannot."""
    closed = take_off(items=items, into=into, at=clock.now())
    _free(closed)
    return closed


def take_off(*, items: Sequence[tuple[int, int]], into: ReservationState, at: datetime) -> Closed:
    """As `close_parts`, but the levels are left to the caller."""
    asked: dict[int, int] = {}
    for reservation, quantity in items:
        asked[reservation] = asked.get(reservation, 0) + quantity
    if not asked:
        return {}
    if min(asked.values()) <= 0:
        raise Invalid(gettext_noop("At least one unit of a reservation must be meant."))
    parameters: dict[str, Any] = {"ids": list(asked), "quantities": list(asked.values()), "count": len(asked)}
    with prepared_cursor() as cursor:
        cursor.execute(_CLOSE_PARTS, {**parameters, "state": into.value, "at": at})
        rows = cursor.fetchall()
    if not rows:
        raise _refusal(asked)
    return _summed(rows, into)


def _refusal(asked: Mapping[int, int]) -> StateConflict:
    found = {row.pk: row for row in Reservation.objects.filter(pk__in=asked)}
    for reservation, quantity in sorted(asked.items()):
        row = found.get(reservation)
        if row is None or row.ended_at is not None or row.quantity < quantity:
            break
    state = row.state if row else None
    held = row.quantity if row else 0
    return StateConflict(
        f"Reservation {reservation} is {state or 'unknown'} with {held} units, {quantity} were asked of it.",
        data={"reservation": reservation, "state": state},
    )


def _summed(rows: Iterable[tuple[int, int, int, int | None, int | None]], into: ReservationState) -> Closed:
    """By level. Units that had still to come are given back to the receipts they were promised of, and what is
    not consumed is given back to the allotments it was taken from.
    """
    closed: Closed = {}
    awaited: dict[int, int] = {}
    allotted: dict[int, int] = {}
    for variant, point, quantity, receipt, counter in rows:
        if receipt is not None:
            awaited[receipt] = awaited.get(receipt, 0) + quantity
        else:
            closed[variant, point] = closed.get((variant, point), 0) + quantity
        if counter is not None and into != ReservationState.CONSUMED:
            allotted[counter] = allotted.get(counter, 0) + quantity
    if awaited:
        free_receipts(awaited)
    if allotted:
        give_back_taken(allotted)
    return closed


def _free(closed: Closed) -> None:
    if not closed:
        return
    with prepared_cursor() as cursor:
        cursor.execute(_FREE, {**columns_of(closed), "quantities": [closed[key] for key in sorted(closed)]})
