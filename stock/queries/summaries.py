"""What a channel may promise, from the summaries where they hold and from the levels where they do not.

A summary is exact or not read: it holds while the feed of changes, which every write to a level, a protection, a
stock point or a channel's stock points is in, has nothing of its variant that it has not counted in. So an answer
reflects each change committed before it, also within the transaction that made it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from oms.core import clock
from oms.core.prepared import prepared_cursor
from stock.queries.allotments import capped, ceilings
from stock.queries.availability import live_sums

# The alias `a` is the summary. A transaction still to come is one of another database, from before a restoration.
SUMMARY_HOLDS: Final = """a.xid <= pg_snapshot_xmax(pg_current_snapshot())
  AND (a.valid_until IS NULL OR a.valid_until > %(at)s::timestamptz)
  AND NOT EXISTS (SELECT 1 FROM stock_availabilitychange k WHERE k.variant_id = a.variant_id AND k.xid >= a.xid)"""

_ARTICLES: Final = f"""
SELECT c.id, c.has_allotments, w.sku, v.id, a.available,
       EXISTS (SELECT 1 FROM stock_expectedreceipt e WHERE e.variant_id = v.id AND e.quantity > e.received)
FROM stock_saleschannel c
CROSS JOIN unnest(%(skus)s::text[]) WITH ORDINALITY AS w(sku, place)
LEFT JOIN stock_variant v ON v.sku = w.sku
LEFT JOIN stock_availabilitysummary a ON a.variant_id = v.id AND a.channel_id = c.id AND {SUMMARY_HOLDS}
WHERE c.code = %(channel)s::text ORDER BY w.place
"""  # noqa: S608 (our own fragments)
_OF_VARIANTS: Final = f"""
SELECT a.variant_id, a.available FROM stock_availabilitysummary a
WHERE a.channel_id = %(channel_id)s::bigint AND a.variant_id = ANY(%(variant_ids)s::bigint[]) AND {SUMMARY_HOLDS}
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Article:
    """`variant_id` is None for a SKU that nobody knows, `summary` where none holds."""

    sku: str
    variant_id: int | None
    summary: int | None
    is_expected: bool
    """Whether anything of it is to come, for whatever channel."""


@dataclass(frozen=True, slots=True)
class Assortment:
    """Articles as one channel sees them, in the order in which they were asked for."""

    channel_id: int
    has_allotments: bool
    articles: Sequence[Article]


def assortment(*, channel: str, skus: Sequence[str]) -> Assortment | None:
    """By the codes of the outside world; None for a channel that nobody knows. One query."""
    with prepared_cursor() as cursor:
        cursor.execute(_ARTICLES, {"channel": channel, "skus": list(skus), "at": clock.now()})
        rows = cursor.fetchall()
    if not rows:
        return None
    return Assortment(rows[0][0], rows[0][1], [Article(*row[2:]) for row in rows])


def available_in(found: Assortment) -> dict[int, int]:
    """What the channel may promise of each variant of the assortment, below its allotment.

    No query where every summary holds; one more for the others, one more for a channel with allotments.
    """
    sums = {each.variant_id: each.summary for each in found.articles if each.variant_id is not None}
    return _completed(sums, channel_id=found.channel_id, has_allotments=found.has_allotments)


def summed_availability(*, channel_id: int, has_allotments: bool, variant_ids: Iterable[int]) -> dict[int, int]:
    """The same for variants by id, however many; two queries, three for a channel with allotments."""
    sums: dict[int, int | None] = dict.fromkeys(variant_ids)
    sums.update(held_summaries(channel_id=channel_id, variant_ids=sums))
    return _completed(sums, channel_id=channel_id, has_allotments=has_allotments)


def held_summaries(*, channel_id: int, variant_ids: Iterable[int]) -> dict[int, int]:
    """The summaries that hold, by variant: sums, below any allotment. One query."""
    with prepared_cursor() as cursor:
        cursor.execute(_OF_VARIANTS, {"channel_id": channel_id, "variant_ids": list(variant_ids), "at": clock.now()})
        return dict(cursor.fetchall())


def _completed(sums: dict[int, int | None], *, channel_id: int, has_allotments: bool) -> dict[int, int]:
    missing = [variant for variant, units in sums.items() if units is None]
    live = live_sums(channel_id=channel_id, variant_ids=missing) if missing else {}
    whole = {variant: live[variant] if units is None else units for variant, units in sums.items()}
    return capped(whole, ceilings(channel_id=channel_id, variant_ids=whole)) if has_allotments else whole
