"""The locks of stock, always taken on levels first and in the order of their ids."""

from collections.abc import Iterable, Sequence

from oms.core.prepared import prepared_cursor
from stock.queries.availability import LevelKey

_LOCK_KEYS = """
SELECT s.variant_id, s.stock_point_id, s.id
FROM unnest(%(variant_ids)s::bigint[], %(stock_point_ids)s::bigint[]) AS w(variant_id, stock_point_id)
JOIN stock_stocklevel s USING (variant_id, stock_point_id)
ORDER BY s.id FOR NO KEY UPDATE OF s
"""
_LOCK_VARIANTS = """
SELECT s.variant_id, s.stock_point_id, s.id FROM stock_stocklevel s
WHERE s.variant_id = ANY(%(variant_ids)s::bigint[])
  AND (%(stock_point_ids)s::bigint[] IS NULL OR s.stock_point_id = ANY(%(stock_point_ids)s::bigint[]))
ORDER BY s.id FOR NO KEY UPDATE OF s
"""
# A reservation's variant and stock point never change, so its level is known before anything is locked.
# The allotments they were taken from come first: the count, asked for nothing, is taken before any level is read.
_LOCK_LEVELS_OF_RESERVATIONS = """
WITH counters AS MATERIALIZED (
    SELECT k.id FROM stock_allotmentcounter k WHERE k.id IN (
        SELECT r.allotment_counter_id FROM stock_reservation r
        WHERE r.id = ANY(%(reservation_ids)s::bigint[]) AND r.allotment_counter_id IS NOT NULL
    ) ORDER BY k.id FOR NO KEY UPDATE OF k
)
SELECT s.variant_id, s.stock_point_id, s.id FROM stock_stocklevel s
WHERE (SELECT count(*) FROM counters) >= 0 AND (s.variant_id, s.stock_point_id) IN (
    SELECT r.variant_id, r.stock_point_id FROM stock_reservation r WHERE r.id = ANY(%(reservation_ids)s::bigint[])
    UNION
    SELECT * FROM unnest(%(variant_ids)s::bigint[], %(stock_point_ids)s::bigint[])
)
ORDER BY s.id FOR NO KEY UPDATE OF s
"""

LockedLevels = dict[LevelKey, int]
"""The ids of the locked levels by key."""


def lock_levels(*, variant_ids: Iterable[int], stock_point_ids: Iterable[int] | None = None) -> LockedLevels:
    """Lock every level of the variants, at the given stock points or at all."""
    points = None if stock_point_ids is None else list(stock_point_ids)
    return _locked(_LOCK_VARIANTS, {"variant_ids": list(variant_ids), "stock_point_ids": points})


def lock_level_keys(keys: Iterable[LevelKey]) -> LockedLevels:
    """Lock given levels; a pair without a level is left out."""
    return _locked(_LOCK_KEYS, columns_of(set(keys)))


def lock_levels_of_reservations(ids: Sequence[int], keys: Iterable[LevelKey] = ()) -> LockedLevels:
    """Lock the levels the reservations are against, and given others, in one order."""
    return _locked(_LOCK_LEVELS_OF_RESERVATIONS, {"reservation_ids": list(ids), **columns_of(set(keys))})


def columns_of(keys: Iterable[LevelKey]) -> dict[str, list[int]]:
    """Keys as the two arrays a statement unnests, sorted so that the same keys make the same statement."""
    ordered = sorted(keys)
    return {"variant_ids": [variant for variant, _ in ordered], "stock_point_ids": [point for _, point in ordered]}


def _locked(sql: str, parameters: dict[str, list[int] | None] | dict[str, list[int]]) -> LockedLevels:
    with prepared_cursor() as cursor:
        cursor.execute(sql, parameters)
        return {(variant, point): level for variant, point, level in cursor.fetchall()}
