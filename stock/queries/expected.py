"""Future stock that a channel may promise: increments by the day on which they can be had.

A receipt counts while it is outstanding and not overdue beyond its grace, at the channel's stock points that
are active and not paused; what is already promised of it is taken off.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings

from oms.core import clock
from oms.core.prepared import prepared_cursor
from stock.queries.level_sql import POINT_FEEDS_CHANNEL, POINT_IS_OPEN

# A movement `w` tells of the receipt `e` under its reference, or under that, a `#` and what tells deliveries
# apart: the ledger has each reference once. No receipt's own reference has a `#`.
NAMES_RECEIPT: Final = "split_part(w.reference, '#', 1) = e.reference"

_TODAY: Final = "(%(at)s AT TIME ZONE sp.timezone)::date"

# The alias `e` is the expected receipt; the others are those of `level_sql`.
SELLABLE_RECEIPTS: Final = f"""
FROM stock_saleschannel c
CROSS JOIN stock_expectedreceipt e
JOIN stock_stockpoint sp ON sp.id = e.stock_point_id
WHERE c.id = %(channel_id)s AND e.variant_id = ANY(%(variant_ids)s::bigint[])
  AND e.quantity > e.received AND e.outstanding > e.reserved
  AND e.expected_on >= {_TODAY} - %(grace_days)s::integer
  AND {POINT_IS_OPEN} AND {POINT_FEEDS_CHANNEL}
"""
# One that is late and still within its grace is looked for today.
_INCREMENTS: Final = f"""
SELECT e.variant_id, greatest(e.expected_on, {_TODAY}) AS available_on, e.kind,
       sum(e.outstanding - e.reserved)::bigint
{SELLABLE_RECEIPTS}
GROUP BY e.variant_id, available_on, e.kind ORDER BY e.variant_id, available_on, e.kind
"""


@dataclass(frozen=True, slots=True)
class Increment:
    """Units that come on top of whatever can be had before `available_on`."""

    available: int
    available_on: date
    kind: str


def expected_availability(
    *, channel_id: int, variant_ids: Iterable[int], at: datetime | None = None
) -> dict[int, list[Increment]]:
    """By variant, earliest first; a variant of which nothing is expected has an empty list. One query."""
    parameters = receipt_parameters(channel_id=channel_id, variant_ids=variant_ids, at=at)
    found: dict[int, list[Increment]] = defaultdict(list)
    with prepared_cursor() as cursor:
        cursor.execute(_INCREMENTS, parameters)
        for variant, available_on, kind, units in cursor.fetchall():
            found[variant].append(Increment(units, available_on, kind))
    return {variant: found[variant] for variant in parameters["variant_ids"]}


def expected_units(*, channel_id: int, variant_ids: Iterable[int]) -> dict[int, int]:
    """All that the channel may promise of what is to come, whenever it comes."""
    increments = expected_availability(channel_id=channel_id, variant_ids=variant_ids)
    return {variant: sum(each.available for each in found) for variant, found in increments.items()}


def receipt_parameters(*, channel_id: int, variant_ids: Iterable[int], at: datetime | None = None) -> dict[str, Any]:
    """What `SELLABLE_RECEIPTS` is run with."""
    return {
        "channel_id": channel_id,
        "variant_ids": list(variant_ids),
        "at": at or clock.now(),
        "grace_days": settings.EXPECTED_RECEIPT_GRACE_DAYS,
    }


def overdue_since(at: datetime) -> date:
    """Whatever was expected before this day is late beyond its grace, wherever in the world."""
    return at.date() - timedelta(days=settings.EXPECTED_RECEIPT_GRACE_DAYS)
