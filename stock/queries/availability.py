"""Available to promise: the one calculator, always for many variants at once.

ATP(channel, variant, stock point) = max(0, on hand − reserved − unavailable − protected), the
protection being the channel's; ATP(channel, variant) is its sum over the channel's stock points that
are active and not paused, capped by its allotment.

The sums here are live: whoever promises reads the levels. `stock.queries.summaries` has them worked out beforehand
for whoever asks often.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oms.core import clock
from oms.core.prepared import prepared_cursor
from stock.queries.allotments import capped, ceilings
from stock.queries.level_sql import JOIN_CHANNEL_PROTECTION, POINT_FEEDS_CHANNEL, POINT_IS_OPEN, PROTECTED

LevelKey = tuple[int, int]
"""(variant id, stock point id)."""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From what lies on the shelf to what may be promised; each subtraction has its name."""

    on_hand: int
    reserved: int
    unavailable: int
    protected: int

    @property
    def free(self) -> int:
        """Below zero where more is promised or kept back than there is."""
        return self.on_hand - self.reserved - self.unavailable - self.protected

    @property
    def available(self) -> int:
        return max(0, self.free)

    @property
    def kept_back(self) -> int:
        """Of the protection what there is to protect: what is protected beyond that hides nothing."""
        return min(self.protected, max(0, self.free + self.protected))

    @property
    def missing(self) -> int:
        """Units reserved or unavailable that are not there. With `kept_back` the waterfall adds up."""
        return max(0, -(self.free + self.protected))


# Levels `s` of the variants where the channel may sell from now.
_OF_OPEN_POINTS: Final = f"""FROM stock_saleschannel c
CROSS JOIN stock_stocklevel s
JOIN stock_stockpoint sp ON sp.id = s.stock_point_id
{JOIN_CHANNEL_PROTECTION}
WHERE c.id = %(channel_id)s AND s.variant_id = ANY(%(variant_ids)s::bigint[])
  AND {POINT_IS_OPEN} AND {POINT_FEEDS_CHANNEL}"""
_BY_POINT: Final = f"""
SELECT s.variant_id, s.stock_point_id, s.on_hand, s.reserved, s.unavailable, {PROTECTED}
{_OF_OPEN_POINTS}
"""

SUMS: Final = f"""
SELECT s.variant_id,
       sum(greatest(0, s.on_hand - s.reserved - s.unavailable - {PROTECTED}))::bigint, bool_or(c.has_allotments)
{_OF_OPEN_POINTS}
GROUP BY s.variant_id
"""

_OF_LEVELS = f"""
SELECT s.variant_id, s.stock_point_id, s.on_hand, s.reserved, s.unavailable, {PROTECTED}
FROM unnest(%(variant_ids)s::bigint[], %(stock_point_ids)s::bigint[]) AS w(variant_id, stock_point_id)
JOIN stock_stocklevel s USING (variant_id, stock_point_id)
{JOIN_CHANNEL_PROTECTION}
"""  # noqa: S608


def available_by_point(
    *,
    channel_id: int,
    variant_ids: Iterable[int],
    stock_point_ids: Iterable[int] | None = None,
    at: datetime | None = None,
) -> dict[LevelKey, Waterfall]:
    """The waterfall of every level of the variants at the channel's open stock points; absent pairs have none."""
    sql, parameters = _BY_POINT, _parameters(channel_id, variant_ids, at)
    if stock_point_ids is not None:
        sql += "AND s.stock_point_id = ANY(%(stock_point_ids)s::bigint[])"
        parameters["stock_point_ids"] = list(stock_point_ids)
    return {(variant, point): Waterfall(*numbers) for variant, point, *numbers in _rows(sql, parameters)}


def available_to_promise(*, channel_id: int, variant_ids: Iterable[int], at: datetime | None = None) -> dict[int, int]:
    """What the channel may promise of each variant, below its allotment; 0 for one without a level."""
    parameters = _parameters(channel_id, variant_ids, at)
    rows = _rows(SUMS, parameters)
    sums = {**dict.fromkeys(parameters["variant_ids"], 0), **{variant: units for variant, units, _ in rows}}
    if any(is_allotted for _, _, is_allotted in rows):
        return capped(sums, ceilings(channel_id=channel_id, variant_ids=parameters["variant_ids"], at=at))
    return sums


def available_at(
    *, channel_id: int, variant_ids: Iterable[int], stock_point_ids: Iterable[int], at: datetime | None = None
) -> dict[int, int]:
    """What the channel may promise of each variant out of some stock points alone, below its allotment."""
    variants = list(variant_ids)
    sums = dict.fromkeys(variants, 0)
    found = available_by_point(channel_id=channel_id, variant_ids=variants, stock_point_ids=stock_point_ids, at=at)
    for (variant, _), waterfall in found.items():
        sums[variant] += waterfall.available
    return capped(sums, ceilings(channel_id=channel_id, variant_ids=variants, at=at))


def live_sums(*, channel_id: int, variant_ids: Iterable[int]) -> dict[int, int]:
    """The sums alone: allotments are not looked at."""
    parameters = _parameters(channel_id, variant_ids, None)
    sums = dict.fromkeys(parameters["variant_ids"], 0)
    sums.update((variant, units) for variant, units, _ in _rows(SUMS, parameters))
    return sums


def level_waterfalls(*, channel_id: int | None, keys: Sequence[LevelKey]) -> dict[LevelKey, Waterfall]:
    """The waterfall of given levels, wherever they are: also at points that are closed or feed other channels."""
    parameters = {
        "channel_id": channel_id,
        "variant_ids": [variant for variant, _ in keys],
        "stock_point_ids": [point for _, point in keys],
    }
    return {(variant, point): Waterfall(*numbers) for variant, point, *numbers in _rows(_OF_LEVELS, parameters)}


def _parameters(channel_id: int, variant_ids: Iterable[int], at: datetime | None) -> dict[str, Any]:
    return {"channel_id": channel_id, "variant_ids": list(variant_ids), "at": at or clock.now()}


def _rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with prepared_cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
