"""Future stock that a channel may promise: increments by the day on which they can be had.

A receipt counts while it is outstanding and not overdue beyond its grace, at the channel's stock points that
are active and not paused; what is already promised of it is taken off, and what an allotment keeps from the
channel beside the units that are there, the last increments first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings

from oms.core import clock
from oms.core.prepared import prepared_cursor
from stock.queries.allotments import ceilings
from stock.queries.availability import available_to_promise
from stock.queries.receipt_sql import SELLABLE_RECEIPTS, TODAY

# A movement `w` tells of the receipt `e` under its reference, or under that, a `#` and what tells deliveries
# apart: the ledger has each reference once. No receipt's own reference has a `#`.
NAMES_RECEIPT: Final = "split_part(w.reference, '#', 1) = e.reference"

# One that is late and still within its grace is looked for today.
_INCREMENTS: Final = f"""
SELECT e.variant_id, greatest(e.expected_on, {TODAY}) AS available_on, e.kind,
       sum(e.outstanding - e.reserved)::bigint, bool_or(c.has_allotments)
{SELLABLE_RECEIPTS} {{chosen}}
GROUP BY e.variant_id, available_on, e.kind ORDER BY e.variant_id, available_on, e.kind
"""
_ANYWHERE: Final = _INCREMENTS.format(chosen="")
_AT_SOME: Final = _INCREMENTS.format(chosen="AND e.stock_point_id = ANY(%(stock_point_ids)s::bigint[])")


_RECEIPTS: Final = f"""
SELECT e.variant_id, e.stock_point_id, e.outstanding - e.reserved, greatest(e.expected_on, {TODAY})
{SELLABLE_RECEIPTS} ORDER BY e.expected_on, e.id
"""


@dataclass(frozen=True, slots=True)
class Increment:
    """Units that come on top of whatever can be had before `available_on`."""

    available: int
    available_on: date
    kind: str


def expected_availability(
    *,
    channel_id: int,
    variant_ids: Iterable[int],
    stock_point_ids: Iterable[int] | None = None,
    at: datetime | None = None,
) -> dict[int, list[Increment]]:
    """By variant, earliest first; a variant of which nothing is expected has an empty list.

    With what is available now they add up to what the channel may still promise, or may of what comes to
    `stock_point_ids`. One query, three for a channel with allotments.
    """
    parameters = receipt_parameters(channel_id=channel_id, variant_ids=variant_ids, at=at)
    if stock_point_ids is not None:
        parameters["stock_point_ids"] = list(stock_point_ids)
    found, is_allotted = _increments(parameters)
    if is_allotted:
        left = _left_beside_stock(channel_id, [variant for variant in found if found[variant]], parameters["at"])
        found = {
            variant: _cut(found[variant], left[variant]) if variant in left else found[variant] for variant in found
        }
    return found


@dataclass(frozen=True, slots=True)
class Expected:
    """Units of one receipt that the channel may still promise, and where and by when they will have come."""

    variant_id: int
    stock_point_id: int
    available: int
    available_on: date


def expected_by_stock_point(
    *, channel_id: int, variant_ids: Iterable[int], at: datetime | None = None
) -> dict[int, list[Expected]]:
    """By variant, in the order in which they are promised; allotments are not looked at. One query."""
    parameters = receipt_parameters(channel_id=channel_id, variant_ids=variant_ids, at=at)
    found: dict[int, list[Expected]] = {variant: [] for variant in parameters["variant_ids"]}
    with prepared_cursor() as cursor:
        cursor.execute(_RECEIPTS, parameters)
        for row in cursor.fetchall():
            found[row[0]].append(Expected(*row))
    return found


def expected_units(*, channel_id: int, variant_ids: Iterable[int]) -> dict[int, int]:
    """All that is to come and nobody was promised yet, whenever it comes; allotments are not looked at."""
    found, _ = _increments(receipt_parameters(channel_id=channel_id, variant_ids=variant_ids))
    return {variant: sum(each.available for each in increments) for variant, increments in found.items()}


def _increments(parameters: Mapping[str, Any]) -> tuple[dict[int, list[Increment]], bool]:
    """And whether the channel has allotments; False where nothing is expected."""
    found: dict[int, list[Increment]] = {variant: [] for variant in parameters["variant_ids"]}
    has_allotments = False
    with prepared_cursor() as cursor:
        cursor.execute(_AT_SOME if "stock_point_ids" in parameters else _ANYWHERE, parameters)
        for variant, available_on, kind, units, is_allotted in cursor.fetchall():
            found[variant].append(Increment(units, available_on, kind))
            has_allotments = is_allotted
    return found, has_allotments


def _left_beside_stock(channel_id: int, variant_ids: Sequence[int], at: datetime) -> dict[int, int]:
    """What the channel may take of what is to come, of the variants an allotment limits.

    A ceiling in units counts whatever is there first: that is what is sold first.
    """
    limits = ceilings(channel_id=channel_id, variant_ids=variant_ids, at=at)
    counted = [variant for variant, limit in limits.items() if not limit.is_share]
    there = available_to_promise(channel_id=channel_id, variant_ids=counted, at=at) if counted else {}
    return {variant: max(0, limit.to_come - there.get(variant, 0)) for variant, limit in limits.items()}


def _cut(increments: Sequence[Increment], most: int) -> list[Increment]:
    kept: list[Increment] = []
    for each in increments:
        units = min(each.available, most)
        most -= units
        if units > 0:
            kept.append(replace(each, available=units))
    return kept


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
