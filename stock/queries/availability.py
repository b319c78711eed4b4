"""Available to promise: the one calculator, always for many variants at once.

ATP(channel, variant, stock point) = max(0, on hand − reserved − unavailable − protected), the
protection being the channel's; ATP(channel, variant) is its sum over the channel's stock points that
are active and not paused, capped by its allotment.

The sums here are live: whoever promises reads the levels. `stock.queries.summaries` has them worked out beforehand
for whoever asks often.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

import orjson

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

# Thousands of stock points in one answer: as rows, most of the time went into objects that are only written out again,
# and as text of the database into its keys, which are the same at every stock point. OFFSET keeps the protection from
# being worked out anew at each mention.
_FIGURES: Final = ("on_hand", "reserved", "unavailable", "protected", "available")
_BETWEEN: Final = "\x1f"
_FIGURES_OF_POINTS: Final = f"""
SELECT variant_id, sum(available)::bigint, string_agg(code, '{_BETWEEN}') FILTER (WHERE is_shown),
       {", ".join(f"string_agg({figure}::text, ',') FILTER (WHERE is_shown)" for figure in _FIGURES)}
FROM (
    SELECT variant_id, code, is_shown, on_hand, reserved, unavailable, protected,
           greatest(0, on_hand - reserved - unavailable - protected) AS available
    FROM (
        SELECT s.variant_id, sp.code, s.on_hand, s.reserved, s.unavailable, {PROTECTED} AS protected,
               %(shown)s::bigint[] IS NULL OR sp.id = ANY(%(shown)s::bigint[]) AS is_shown
        {_OF_OPEN_POINTS}
        OFFSET 0
    ) levels
) waterfalls
GROUP BY variant_id
"""  # noqa: S608

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


def written_waterfalls(
    *, channel_id: int, variant_ids: Iterable[int], stock_point_ids: Iterable[int] | None = None
) -> dict[int, tuple[int, str]]:
    """Each variant's sum over the channel's open stock points, below any allotment, and their waterfalls as JSON.

    The text is a list by the points' codes, of the keys `code`, `on_hand`, `reserved`, `unavailable`, `protected` and
    `available`. With `stock_point_ids` only those are in it; the sum is of all. One query.
    """
    parameters = _parameters(channel_id, variant_ids, None)
    parameters["shown"] = None if stock_point_ids is None else list(stock_point_ids)
    found = dict.fromkeys(parameters["variant_ids"], (0, "[]"))
    for variant, units, codes, *columns in _rows(_FIGURES_OF_POINTS, parameters):
        found[variant] = units, _written(codes, columns) if codes is not None else "[]"
    return found


def _written(codes: str, columns: Sequence[str]) -> str:
    constants, in_order = _what_is_constant(codes)
    parts = constants.copy()
    for place, column in enumerate(columns):
        figures = column.split(",")
        parts[2 * place + 1 :: 2 * len(columns)] = figures if in_order is None else in_order(figures)
    return "".join(parts)


@lru_cache(maxsize=64)
def _what_is_constant(codes: str) -> tuple[list[str], Callable[[Sequence[str]], tuple[str, ...]] | None]:
    """The text of these stock points' waterfalls with a gap for each figure, and what brings figures into the order of
    the codes; None where they are in it.

    Articles are at much the same stock points, so that their text is made once.
    """
    points = codes.split(_BETWEEN)
    order = sorted(range(len(points)), key=points.__getitem__)
    parts: list[str] = []
    for place in order:
        before = f'{"}," if parts else "["}{{"code":{orjson.dumps(points[place]).decode()}'
        for figure in _FIGURES:
            parts += [f'{before},"{figure}":', ""]
            before = ""
    return [*parts, "}]"], None if order == list(range(len(points))) else itemgetter(*order)


def available_to_promise(*, channel_id: int, variant_ids: Iterable[int], at: datetime | None = None) -> dict[int, int]:
    """What the channel may promise of each variant, below its allotment; 0 for one without a level."""
    parameters = _parameters(channel_id, variant_ids, at)
    rows = _rows(SUMS, parameters)
    sums = {**dict.fromkeys(parameters["variant_ids"], 0), **{variant: units for variant, units, _ in rows}}
    if any(is_allotted for _, _, is_allotted in rows):
        return capped(sums, ceilings(channel_id=channel_id, variant_ids=parameters["variant_ids"], at=at))
    return sums


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
