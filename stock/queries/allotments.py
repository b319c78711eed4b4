"""What a channel may still take of articles that an allotment limits.

`quantity`: units since the allotment's start, less what was taken. `percent`: that share of what is available at
the channel's open stock points and reserved there by anybody, rounded down, less the channel's live reservations:
a sale by another channel moves units from the one to the other, so the share does not shrink with every sale.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oms.core import clock
from oms.core.prepared import prepared_cursor
from stock.models import SalesChannel
from stock.queries.level_sql import JOIN_CHANNEL_PROTECTION, POINT_FEEDS_CHANNEL, POINT_IS_OPEN, PROTECTED

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
SELECT w.variant_id, k.id, greatest(0, CASE
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
    END)::bigint, w.percent IS NOT NULL
FROM winning w
LEFT JOIN stock_allotmentcounter k ON k.allotment_id = w.allotment_id AND k.variant_id = w.variant_id
"""  # noqa: S608 (our own fragments)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """`counter_id` is None while nothing was taken yet; `is_share`: of what there is, not of what is to come."""

    units: int
    counter_id: int | None
    is_share: bool = False


def ceilings(*, channel_id: int, variant_ids: Iterable[int], at: datetime | None = None) -> dict[int, Ceiling]:
    """By variant, for those that an allotment in force limits. One query."""
    parameters: dict[str, Any] = {
        "channel_id": channel_id,
        "variant_ids": list(variant_ids),
        "at": at or clock.now(),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_CEILINGS, parameters)
        return {variant: Ceiling(units, counter, share) for variant, counter, units, share in cursor.fetchall()}


def unit_ceilings(channel_id: int, variant_ids: Iterable[int]) -> dict[int, Ceiling]:
    """Those in units: they count what is to come as well."""
    found = ceilings(channel_id=channel_id, variant_ids=variant_ids)
    return {variant: limit for variant, limit in found.items() if not limit.is_share}


def capped(available: Mapping[int, int], limits: Mapping[int, Ceiling]) -> dict[int, int]:
    return {
        variant: min(units, limits[variant].units) if variant in limits else units
        for variant, units in available.items()
    }


def is_allotted(channel_id: int | None) -> bool:
    """Whether the channel has allotments at all, in force or not."""
    return channel_id is not None and SalesChannel.objects.filter(pk=channel_id, has_allotments=True).exists()
