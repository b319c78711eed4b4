"""What a channel may still take of articles that an allotment limits.

`quantity`: units since the allotment's start, less what was taken. `percent`: that share of what is available at
the channel's open stock points and reserved there by anybody, rounded down, less the channel's live reservations:
a sale by another channel moves units from the one to the other, so the share does not shrink with every sale.
What is to come has its own share, reckoned likewise from what is outstanding and the channel's pre-orders of it;
a quantity counts units that are there and units that are to come alike.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import F, Q

from oms.core import clock
from oms.core.access import Access
from oms.core.prepared import prepared_cursor
from stock.models import ChannelAllotment, SalesChannel, Variant
from stock.queries.level_sql import JOIN_CHANNEL_PROTECTION, POINT_FEEDS_CHANNEL, POINT_IS_OPEN, PROTECTED
from stock.queries.receipt_sql import RECEIPT_COUNTS

WINNING_ALLOTMENTS: Final = """winning AS MATERIALIZED (
    SELECT DISTINCT ON (v.id) v.id AS variant_id, a.id AS allotment_id, a.quantity, a.percent
    FROM stock_variant v
    JOIN stock_product d ON d.id = v.product_id
    JOIN stock_channelallotment a ON a.channel_id = %(channel_id)s
     AND (a.variant_id = v.id OR a.variant_id IS NULL AND a.category = d.category)
    WHERE v.id = ANY(%(variant_ids)s::bigint[])
      AND (a.starts_at IS NULL OR a.starts_at <= %(at)s::timestamptz)
      AND (a.ends_at IS NULL OR a.ends_at > %(at)s::timestamptz)
    ORDER BY v.id, a.variant_id IS NULL
)"""
_CEILINGS: Final = f"""
WITH {WINNING_ALLOTMENTS}
SELECT w.variant_id, k.id, w.percent IS NOT NULL, greatest(0, CASE
    WHEN w.quantity IS NOT NULL THEN w.quantity - coalesce(k.taken, 0)
    ELSE (SELECT floor(w.percent * coalesce(sum(greatest(0, s.on_hand - s.reserved - s.unavailable - {PROTECTED})
                                                + s.reserved), 0) / 100)
          FROM stock_saleschannel c CROSS JOIN stock_stocklevel s
          JOIN stock_stockpoint sp ON sp.id = s.stock_point_id
          {JOIN_CHANNEL_PROTECTION}
          WHERE c.id = %(channel_id)s AND s.variant_id = w.variant_id AND {POINT_IS_OPEN} AND {POINT_FEEDS_CHANNEL})
         - (SELECT coalesce(sum(r.quantity), 0) FROM stock_reservation r
            WHERE r.variant_id = w.variant_id AND r.channel_id = %(channel_id)s AND r.expected_receipt_id IS NULL
              AND r.state IN ('held', 'confirmed'))
    END)::bigint, CASE WHEN w.percent IS NOT NULL THEN (
        SELECT greatest(0, floor(w.percent * coalesce(sum(e.outstanding), 0) / 100) - coalesce(sum(r.quantity), 0))
        FROM stock_saleschannel c CROSS JOIN stock_expectedreceipt e
        JOIN stock_stockpoint sp ON sp.id = e.stock_point_id
        LEFT JOIN LATERAL (
            SELECT sum(r.quantity) AS quantity FROM stock_reservation r
            WHERE r.expected_receipt_id = e.id AND r.channel_id = c.id AND r.state IN ('held', 'confirmed')
        ) r ON true
        WHERE c.id = %(channel_id)s AND e.variant_id = w.variant_id AND {RECEIPT_COUNTS}
    ) END::bigint
FROM winning w
LEFT JOIN stock_allotmentcounter k ON k.allotment_id = w.allotment_id AND k.variant_id = w.variant_id
"""  # noqa: S608 (our own fragments)

# The same, of many channels at once.
_CEILINGS_BY_CHANNEL: Final = f"""
SELECT asked.id, ceiling.*
FROM unnest(%(channel_ids)s::bigint[]) AS asked(id)
CROSS JOIN LATERAL ({_CEILINGS.replace("%(channel_id)s", "asked.id")}) AS ceiling
"""  # noqa: S608 (our own fragments)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Units the channel may still take: `units` of what is there, `to_come` of what is to come.

    `is_share`: the two are reckoned apart; else they are the same units, to be taken once. `counter_id` is None
    while nothing was taken yet.
    """

    units: int
    to_come: int
    counter_id: int | None
    is_share: bool = False


def ceilings(*, channel_id: int, variant_ids: Iterable[int], at: datetime | None = None) -> dict[int, Ceiling]:
    """By variant, for those that an allotment in force limits. One query."""
    parameters: dict[str, Any] = {
        "channel_id": channel_id,
        "variant_ids": list(variant_ids),
        "at": at or clock.now(),
        "grace_days": settings.EXPECTED_RECEIPT_GRACE_DAYS,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_CEILINGS, parameters)
        return {variant: _ceiling(*row) for variant, *row in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class AllotmentLeft:
    """An allotment in force for an article, and what its channel may still take of it."""

    allotment: ChannelAllotment
    left: Ceiling


def allotments_left(variant: Variant, *, access: Access, at: datetime | None = None) -> list[AllotmentLeft]:
    """For each channel that an allotment limits, by its code: of those the access covers. At most two queries."""
    moment = at or clock.now()
    in_force = ChannelAllotment.objects.visible_to(access).in_force(at=moment).select_related("channel")
    covering = Q(variant=variant)
    if variant.product.category:
        covering |= Q(variant=None, category=variant.product.category)
    # One for the article itself goes before one for its category: the first of a channel wins.
    winning: dict[int, ChannelAllotment] = {}
    for each in in_force.filter(covering).order_by("channel__code", F("variant").asc(nulls_last=True)):
        winning.setdefault(each.channel_id, each)
    if not winning:
        return []
    parameters: dict[str, Any] = {
        "channel_ids": list(winning),
        "variant_ids": [variant.pk],
        "at": moment,
        "grace_days": settings.EXPECTED_RECEIPT_GRACE_DAYS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CEILINGS_BY_CHANNEL, parameters)
        left = {channel: _ceiling(*row) for channel, _, *row in cursor.fetchall()}
    return [AllotmentLeft(each, left[channel]) for channel, each in winning.items() if channel in left]


def _ceiling(counter: int | None, is_share: bool, units: int, to_come: int | None) -> Ceiling:
    return Ceiling(units, units if to_come is None else to_come, counter, is_share)


def capped(available: Mapping[int, int], limits: Mapping[int, Ceiling]) -> dict[int, int]:
    return {
        variant: min(units, limits[variant].units) if variant in limits else units
        for variant, units in available.items()
    }


def is_allotted(channel_id: int | None) -> bool:
    """Whether the channel has allotments at all, in force or not."""
    return channel_id is not None and SalesChannel.objects.filter(pk=channel_id, has_allotments=True).exists()
