"""Units that have still to come: promised of expected receipts, given back to them, moved to the shelf on arrival.

The order of locks is level, expected receipt, reservation. Whoever ends a reservation against a receipt holds
the lock of the level it will arrive at, as does whoever receives it: they never meet in opposite orders.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.errors import Invalid
from oms.core.events import emit_many
from oms.core.prepared import prepared_cursor
from oms.core.retrying import retry_on_conflict
from stock.queries.allotments import ceilings, is_allotted
from stock.queries.expected import NAMES_RECEIPT, receipt_parameters
from stock.queries.receipt_sql import SELLABLE_RECEIPTS
from stock.services.announcing import announce_expected
from stock.services.ceilings import count_taken, lock_counters

_LOCK: Final = "SELECT id FROM stock_expectedreceipt WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"
_LOCK_BOTH: Final = """
SELECT e.id FROM stock_expectedreceipt e
WHERE e.id IN (SELECT r.expected_receipt_id FROM stock_reservation r
               WHERE r.id = ANY(%(reservation_ids)s::bigint[]) AND r.expected_receipt_id IS NOT NULL)
   OR (e.variant_id = ANY(%(variant_ids)s::bigint[]) AND e.quantity > e.received)
ORDER BY e.id FOR NO KEY UPDATE OF e
"""
_FREE: Final = """
UPDATE stock_expectedreceipt e SET reserved = e.reserved - f.quantity
FROM unnest(%(ids)s::bigint[], %(quantities)s::integer[]) AS f(id, quantity) WHERE e.id = f.id
RETURNING e.variant_id
"""
_LOCK_SELLABLE: Final = f"""
SELECT e.id, e.variant_id, e.outstanding - e.reserved, e.expected_on
{SELLABLE_RECEIPTS} ORDER BY e.id FOR NO KEY UPDATE OF e
"""
_PROMISE: Final = """
WITH taken AS (
    UPDATE stock_expectedreceipt e SET reserved = e.reserved + t.quantity
    FROM (SELECT id, sum(quantity)::integer AS quantity
          FROM unnest(%(receipt_ids)s::bigint[], %(quantities)s::integer[]) AS u(id, quantity) GROUP BY id) t
    WHERE e.id = t.id
)
INSERT INTO stock_reservation
    (owner, channel_id, variant_id, stock_point_id, expected_receipt_id, quantity, state, created_at)
SELECT %(owner)s, %(channel_id)s::bigint, e.variant_id, e.stock_point_id, e.id, w.quantity, 'confirmed', %(at)s
FROM unnest(%(receipt_ids)s::bigint[], %(quantities)s::integer[]) WITH ORDINALITY AS w(id, quantity, place)
JOIN stock_expectedreceipt e USING (id) ORDER BY w.place
RETURNING id
"""


@dataclass(slots=True)
class _Free:
    """What of a locked receipt nobody has been promised."""

    receipt_id: int
    units: int
    expected_on: date


@dataclass(frozen=True, slots=True)
class Promised:
    """A reservation of units that have still to come."""

    reservation_id: int
    quantity: int


@retry_on_conflict
@transaction.atomic
def reserve_expected(*, owner: str, channel_id: int, wants: Sequence[tuple[int, int]]) -> list[list[Promised]]:
    """Promise `(variant id, quantity)` each of what is to come, earliest first, as far as it goes.

    For each want its reservations: none where nothing is expected, several where it takes several receipts.
    Two buyers of the last expected unit wait for each other at the receipt: one of them gets it.
    """
    if any(quantity <= 0 for _, quantity in wants):
        raise Invalid(gettext_noop("A reservation needs at least one unit."))
    variants = {variant for variant, _ in wants}
    allotted = is_allotted(channel_id)
    counters = lock_counters(channel_id=channel_id, variant_ids=variants) if allotted else {}
    free = _lock_sellable(channel_id, variants)
    limits = ceilings(channel_id=channel_id, variant_ids=variants) if allotted else {}
    ceiling = {variant: limit.to_come for variant, limit in limits.items()}
    dealt: list[tuple[int, int, int]] = []
    for place, (variant, quantity) in enumerate(wants):
        left = min(quantity, max(0, ceiling.get(variant, quantity)))
        if variant in ceiling:
            ceiling[variant] -= left
        for receipt in free.get(variant, ()):
            units = min(left, receipt.units)
            if units > 0:
                dealt.append((place, receipt.receipt_id, units))
                receipt.units -= units
                left -= units
    promised: list[list[Promised]] = [[] for _ in wants]
    if dealt:
        parameters: dict[str, Any] = {
            "owner": owner,
            "channel_id": channel_id,
            "receipt_ids": [receipt for _, receipt, _ in dealt],
            "quantities": [units for _, _, units in dealt],
            "at": clock.now(),
        }
        with prepared_cursor() as cursor:
            cursor.execute(_PROMISE, parameters)
            ids = sorted(row[0] for row in cursor.fetchall())
        for (place, _, units), reservation_id in zip(dealt, ids, strict=True):
            promised[place].append(Promised(reservation_id, units))
        count_taken(counters=counters, reservation_ids=ids)
    return promised


def _lock_sellable(channel_id: int, variant_ids: Iterable[int]) -> dict[int, list[_Free]]:
    """By variant, the earliest first."""
    free: dict[int, list[_Free]] = {}
    with prepared_cursor() as cursor:
        cursor.execute(_LOCK_SELLABLE, receipt_parameters(channel_id=channel_id, variant_ids=sorted(variant_ids)))
        for receipt, variant, units, expected_on in cursor.fetchall():
            free.setdefault(variant, []).append(_Free(receipt, units, expected_on))
    for receipts in free.values():
        receipts.sort(key=lambda receipt: (receipt.expected_on, receipt.receipt_id))
    return free


def lock_receipts(*, reservation_ids: Sequence[int], variant_ids: Iterable[int]) -> None:
    """Lock the receipts these reservations wait for and the open ones of the articles, in one order.

    For who gives up and takes in one transaction; the levels of the reservations are locked before.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_LOCK_BOTH, {"reservation_ids": list(reservation_ids), "variant_ids": sorted(set(variant_ids))})


def free_receipts(units: Mapping[int, int]) -> None:
    """Give units that were promised back to their receipts, whose levels the caller has locked."""
    ids = sorted(units)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [ids])
        cursor.execute(_FREE, {"ids": ids, "quantities": [units[receipt] for receipt in ids]})
        variants = [row[0] for row in cursor.fetchall()]
    announce_expected(variants)


# --- arrival -------------------------------------------------------------------------------------------

_LOCK_ARRIVED: Final = f"""
SELECT w.place, e.id FROM unnest(
    %(variant_ids)s::bigint[], %(stock_point_ids)s::bigint[], %(references)s::text[]
) WITH ORDINALITY AS w(variant_id, stock_point_id, reference, place)
JOIN stock_expectedreceipt e USING (variant_id, stock_point_id)
WHERE {NAMES_RECEIPT}
ORDER BY e.id FOR NO KEY UPDATE OF e
"""  # noqa: S608 (our own fragments)
_ARRIVE: Final = """
UPDATE stock_expectedreceipt e SET received = e.received + a.quantity
FROM unnest(%(ids)s::bigint[], %(quantities)s::integer[]) AS a(id, quantity) WHERE e.id = a.id
"""
# The oldest promises are met first; to a feed that counts without reservations they begin on arrival.
# `before` is what the older ones take of the units that came.
_TO_SHELF: Final = """
WITH arrived AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(quantities)s::integer[]) AS a(receipt_id, quantity)
), waiting AS MATERIALIZED (
    SELECT r.* FROM stock_reservation r JOIN arrived a ON a.receipt_id = r.expected_receipt_id
    WHERE r.state IN ('held', 'confirmed') ORDER BY r.id FOR NO KEY UPDATE OF r
), met AS MATERIALIZED (
    SELECT w.id, w.quantity AS held, least(w.quantity, a.quantity - w.before)::integer AS units
    FROM (SELECT waiting.*, sum(quantity) OVER (PARTITION BY expected_receipt_id ORDER BY created_at, id)
                            - quantity AS before FROM waiting) w
    JOIN arrived a ON a.receipt_id = w.expected_receipt_id
    WHERE w.before < a.quantity
), rest AS (
    INSERT INTO stock_reservation (owner, channel_id, variant_id, stock_point_id, expected_receipt_id, quantity, state,
                                   expires_at, created_at, allotment_counter_id)
    SELECT w.owner, w.channel_id, w.variant_id, w.stock_point_id, w.expected_receipt_id, m.held - m.units, w.state,
           w.expires_at, w.created_at, w.allotment_counter_id
    FROM met m JOIN waiting w USING (id) WHERE m.units < m.held
    RETURNING id, expected_receipt_id
), shelved AS (
    UPDATE stock_reservation r SET expected_receipt_id = NULL, quantity = m.units, created_at = %(at)s
    FROM met m JOIN waiting w USING (id) WHERE r.id = m.id
    RETURNING r.id, r.variant_id, r.stock_point_id, m.units, w.expected_receipt_id AS receipt_id,
              m.units < m.held AS is_cut
), receipts AS (
    UPDATE stock_expectedreceipt e SET reserved = e.reserved - s.units
    FROM (SELECT receipt_id, sum(units)::integer AS units FROM shelved GROUP BY receipt_id) s WHERE e.id = s.receipt_id
), levels AS (
    UPDATE stock_stocklevel l SET reserved = l.reserved + s.units
    FROM (SELECT variant_id, stock_point_id, sum(units)::integer AS units FROM shelved GROUP BY 1, 2) s
    WHERE l.variant_id = s.variant_id AND l.stock_point_id = s.stock_point_id
)
SELECT s.id, CASE WHEN s.is_cut THEN (SELECT rest.id FROM rest WHERE rest.expected_receipt_id = s.receipt_id) END
FROM shelved s ORDER BY s.id
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units that came, told under a reference."""

    variant_id: int
    stock_point_id: int
    reference: str
    quantity: int


def receive_expected(arrivals: Sequence[Arrival]) -> None:
    """What came of expected receipts: their promises move to the shelf, oldest first, and stay promised there.

    As part of recording the movements: the levels are locked and already raised. Emits
    `expected_receipt.received` with the reservations that are on the shelf by now, and for one of which only a
    part has come the reservation that waits for the rest: `{"reservation_ids": [...], "rests": {id: id}}`.
    """
    units = _units_by_receipt(arrivals)
    if not units:
        return
    parameters: dict[str, Any] = {
        "ids": sorted(units),
        "quantities": [units[receipt] for receipt in sorted(units)],
        "at": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ARRIVE, parameters)
        cursor.execute(_TO_SHELF, parameters)
        moved = cursor.fetchall()
    if moved:
        ids = [reservation for reservation, _ in moved]
        rests = {str(reservation): rest for reservation, rest in moved if rest is not None}
        emit_many("expected_receipt.received", [{"reservation_ids": ids, "rests": rests}])


def _units_by_receipt(arrivals: Sequence[Arrival]) -> dict[int, int]:
    """Locks the receipts."""
    parameters: dict[str, Any] = {
        "variant_ids": [each.variant_id for each in arrivals],
        "stock_point_ids": [each.stock_point_id for each in arrivals],
        "references": [each.reference for each in arrivals],
    }
    units: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ARRIVED, parameters)
        for place, receipt in cursor.fetchall():
            units[receipt] = units.get(receipt, 0) + arrivals[place - 1].quantity
    return units
