"""Keeping the summaries: each channel's follow the feed of changes, as a shop outside does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection, transaction

from oms.core import clock
from stock.models import SalesChannel, SummaryPosition
from stock.queries.availability import SUMS
from stock.queries.changes import Position, changes_after
from stock.queries.summaries import held_summaries

# How long one run may work, of the two seconds until the next: the rest of the machine is for whoever sells.
BUDGET_S: Final = 0.3

# The sums and the oldest transaction that could be missing in them are of one snapshot. A pause that is over by the
# date in a stock point's zone ends without a write.
_WRITE: Final = f"""
INSERT INTO stock_availabilitysummary (variant_id, channel_id, available, xid, valid_until)
SELECT w.variant_id, %(channel_id)s, coalesce(sums.units, 0), pg_snapshot_xmin(pg_current_snapshot()), (
    SELECT min(sp.paused_until::timestamp AT TIME ZONE sp.timezone) FROM stock_stockpoint sp
    WHERE sp.is_active AND sp.paused_until > (%(at)s AT TIME ZONE sp.timezone)::date)
FROM unnest(%(variant_ids)s::bigint[]) AS w(variant_id)
JOIN stock_variant v ON v.id = w.variant_id
LEFT JOIN ({SUMS}) AS sums(variant_id, units, is_allotted) ON sums.variant_id = w.variant_id
ORDER BY w.variant_id
ON CONFLICT (variant_id, channel_id) DO UPDATE
SET available = excluded.available, xid = excluded.xid, valid_until = excluded.valid_until
"""  # noqa: S608 (our own fragments)
# A database restored elsewhere counts its transactions anew: what was written in its past tells nothing.
_FORGET_ANOTHER_DATABASE: Final = """
DELETE FROM stock_availabilitysummary WHERE xid > pg_snapshot_xmax(pg_current_snapshot())
"""
# A table that was small when it was last looked at is read from end to end by plans that connections keep.
_HAS_GROWN: Final = """
SELECT pg_relation_size(oid) / current_setting('block_size')::integer > 2 * greatest(relpages, 0)
FROM pg_class WHERE oid = 'stock_availabilitysummary'::regclass
"""


def summarise_availability(*, budget_s: float = BUDGET_S) -> int:
    """Bring the channels' summaries nearer to the end of the feed, whichever is furthest behind first; how many pages.

    What is not reached within the budget is left to a later run; until then it is answered from the levels.
    """
    until = time.monotonic() + budget_s
    _begin_new_channels()
    waiting = list(SummaryPosition.objects.order_by("xid", "row").values_list("channel_id", flat=True))
    pages = 0
    while waiting and time.monotonic() < until:
        channel = waiting.pop(0)
        if _follow_one_page(channel):
            pages += 1
            waiting.append(channel)
    _have_new_ones_counted()
    return pages


def write_summaries(*, channel_id: int, variant_ids: Sequence[int]) -> None:
    """Those that do not hold: an earlier page may have counted in what this one tells of a busy variant."""
    held = held_summaries(channel_id=channel_id, variant_ids=variant_ids)
    parameters: dict[str, Any] = {
        "channel_id": channel_id,
        "variant_ids": [variant for variant in variant_ids if variant not in held],
        "at": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, parameters)


def forget_another_database() -> int:
    """Drop the summaries that speak of transactions still to come; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_ANOTHER_DATABASE)
        return int(cursor.rowcount)


def _have_new_ones_counted() -> None:
    """Autovacuum does so later, once a minute; until then every reader would be as slow as the whole table."""
    with connection.cursor() as cursor:
        cursor.execute(_HAS_GROWN)
        if cursor.fetchone() == (True,):
            cursor.execute("ANALYZE stock_availabilitysummary")


def _begin_new_channels() -> None:
    """From the start of the feed, which has every variant with a level."""
    new = SalesChannel.objects.exclude(pk__in=SummaryPosition.objects.values("channel_id"))
    positions = [SummaryPosition(channel_id=pk, xid=0, row=0) for pk in new.order_by("pk").values_list("pk", flat=True)]
    SummaryPosition.objects.bulk_create(positions, ignore_conflicts=True)


@transaction.atomic
def _follow_one_page(channel_id: int) -> bool:
    """False at the end of the feed, and where another worker is at it."""
    free = SummaryPosition.objects.select_for_update(skip_locked=True, no_key=True)
    position = free.filter(channel_id=channel_id).first()
    if position is None:
        return False
    page = changes_after(Position(xid=position.xid, row=position.row))
    if page.variant_ids:
        write_summaries(channel_id=channel_id, variant_ids=page.variant_ids)
        position.xid, position.row = page.position.xid, page.position.row
        position.save(update_fields=["xid", "row"])
    return page.has_more
