"""Where the units of articles lie, seen from one stock point: its own shelf, the warehouses, everybody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from oms.core import clock
from oms.core.prepared import prepared_cursor
from stock.queries.holds import hold_owner
from stock.queries.level_sql import JOIN_CHANNEL_PROTECTION, POINT_FEEDS_CHANNEL, POINT_IS_OPEN, PROTECTED


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What can be had of one article. `shelf`: what the own shelf really has, protected or not, as a seller in the
    shop sells it; the others are what the channel may promise.
    """

    shelf: int = 0
    own: int = 0
    warehouses: int = 0
    elsewhere: int = 0

    @property
    def promised(self) -> int:
        """What can be delivered from anywhere."""
        return self.own + self.warehouses + self.elsewhere


_SUMS = f"""
WITH held AS (
    SELECT r.variant_id, r.stock_point_id, sum(r.quantity)::integer AS units FROM stock_reservation r
    WHERE r.owner = %(hold)s::text AND r.state = 'held' AND r.expected_receipt_id IS NULL
    GROUP BY r.variant_id, r.stock_point_id
), seen AS (
    SELECT s.variant_id, s.stock_point_id = %(own_id)s::bigint AS is_own, sp.kind = 'warehouse' AS is_warehouse,
           greatest(0, s.on_hand - s.reserved - s.unavailable + coalesce(h.units, 0)) AS shelf,
           CASE WHEN {POINT_IS_OPEN} AND {POINT_FEEDS_CHANNEL}
                THEN greatest(0, s.on_hand - s.reserved - s.unavailable - {PROTECTED} + coalesce(h.units, 0))
                ELSE 0 END AS available
    FROM stock_saleschannel c
    CROSS JOIN stock_stocklevel s
    JOIN stock_stockpoint sp ON sp.id = s.stock_point_id
    LEFT JOIN held h USING (variant_id, stock_point_id)
    {JOIN_CHANNEL_PROTECTION}
    WHERE c.id = %(channel_id)s AND s.variant_id = ANY(%(variant_ids)s::bigint[])
)
SELECT variant_id,
       coalesce(sum(shelf) FILTER (WHERE is_own), 0)::bigint,
       coalesce(sum(available) FILTER (WHERE is_own), 0)::bigint,
       coalesce(sum(available) FILTER (WHERE is_warehouse AND is_own IS NOT TRUE), 0)::bigint,
       coalesce(sum(available) FILTER (WHERE NOT is_warehouse AND is_own IS NOT TRUE), 0)::bigint
FROM seen GROUP BY variant_id
"""  # noqa: S608 (our own fragments)


def whereabouts(
    *, channel_id: int, variant_ids: Iterable[int], own_id: int | None, own_hold: str | None = None
) -> dict[int, Whereabouts]:
    """By variant; one without a level has nothing anywhere. One query.

    `own_id` None: sold by telephone, from no shelf. What the cart hold `own_hold` keeps counts as free.
    """
    variants = list(variant_ids)
    parameters: dict[str, Any] = {
        "channel_id": channel_id,
        "variant_ids": variants,
        "own_id": own_id,
        "hold": hold_owner(own_hold) if own_hold else "",
        "at": clock.now(),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_SUMS, parameters)
        found = {variant: Whereabouts(*units) for variant, *units in cursor.fetchall()}
    return {variant: found.get(variant, Whereabouts()) for variant in variants}
