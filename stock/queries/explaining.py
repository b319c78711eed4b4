"""A level at a past moment: what the books said then, why, and what came to be known of that moment since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from stock.models import LedgerMovement, StockLevel
from stock.queries.ledger import name_references_of
from stock.queries.unavailable_sql import proven_unavailable

SHOWN: Final = 50

_BY_KIND: Final = """
SELECT kind, count(*), sum(quantity)::integer FROM stock_ledger
WHERE variant_id = %(variant)s AND stock_point_id = %(point)s AND recorded_at <= %(at)s GROUP BY kind ORDER BY kind
"""
_TOLD_LATER: Final = """
SELECT coalesce(sum(quantity), 0)::integer FROM stock_ledger
WHERE variant_id = %(variant)s AND stock_point_id = %(point)s AND recorded_at > %(at)s AND occurred_at <= %(at)s
"""
# A part that is given up is a row of its own under the old beginning, so the rows of a moment add up to it.
_RESERVED: Final = """
SELECT coalesce(sum(quantity), 0)::integer FROM stock_reservation
WHERE variant_id = %(variant)s AND stock_point_id = %(point)s AND created_at <= %(at)s
  AND (ended_at IS NULL OR ended_at > %(at)s) AND expected_receipt_id IS NULL
"""


@dataclass(frozen=True, slots=True)
class KindSum:
    kind: str
    label: str
    movements: int
    units: int


@dataclass(frozen=True)
class Explanation:
    """`on_hand` is the sum of `kinds`, and of all movements recorded until `at`. `told_later`: units that had moved
    by then and were recorded afterwards. `movements`: the newest of that moment, newest first.
    """

    level: StockLevel
    at: datetime
    on_hand: int
    reserved: int
    unavailable: int
    told_later: int
    kinds: Sequence[KindSum]
    movements: Sequence[LedgerMovement]
    has_older: bool

    @property
    def known_now(self) -> int:
        """What was there at that moment, by all that is known today."""
        return self.on_hand + self.told_later


def explain_level(level: StockLevel, *, at: datetime) -> Explanation:
    """The level as its books said at that moment. A fixed number of queries; the archive is read as well."""
    parameters: dict[str, Any] = {"variant": level.variant_id, "point": level.stock_point_id, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_BY_KIND, parameters)
        sums = cursor.fetchall()
        cursor.execute(_TOLD_LATER, parameters)
        told_later = cursor.fetchone()[0]
        cursor.execute(_RESERVED, parameters)
        reserved = cursor.fetchone()[0]
    labels = dict(LedgerMovement._meta.get_field("kind").choices or [])  # type: ignore[arg-type]
    movements = LedgerMovement.objects.filter(
        variant_id=level.variant_id, stock_point_id=level.stock_point_id, recorded_at__lte=at
    )
    shown = list(movements.order_by("-pk")[: SHOWN + 1])
    return Explanation(
        level=level,
        at=at,
        on_hand=sum(units for _, _, units in sums),
        reserved=reserved,
        unavailable=proven_unavailable(level.pk, where="AND recorded_at <= %(at)s", at=at),
        told_later=told_later,
        kinds=[KindSum(kind, str(labels.get(kind, kind)), count, units) for kind, count, units in sums],
        movements=name_references_of(shown[:SHOWN]),
        has_older=len(shown) > SHOWN,
    )
