"""Which protection rule wins at a level: one resolution for applying and checking."""

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from stock.models import StockLevel
from stock.models.protection import Scope

# Rules meet levels by equality of their article (SKU, product, category, or none), so that many rules
# cost a hash join each and not a comparison with every level; the place is compared afterwards.
# The score puts the article before the place. Among rules of one score the larger quantity wins: units
# and per cent are both kept, and the level takes the greater at its present on hand.
_MATCH: Final = """
SELECT t.level_id, r.channel_id, r.quantity, r.percent, {article} * 4
       + CASE WHEN r.stock_point_id IS NOT NULL THEN 3 WHEN r.group_id IS NOT NULL THEN 2
              WHEN r.kind <> '' THEN 1 ELSE 0 END AS score
FROM target t JOIN rules r ON {on}
WHERE (r.stock_point_id IS NULL OR r.stock_point_id = t.stock_point_id)
  AND (r.kind = '' OR r.kind = t.kind)
  AND (r.group_id IS NULL OR EXISTS (
      SELECT 1 FROM stock_stockpoint_groups g
      WHERE g.stockpointgroup_id = r.group_id AND g.stockpoint_id = t.stock_point_id))
"""
_ARTICLES: Final = {
    3: "r.variant_id = t.variant_id",
    2: "r.product_id = t.product_id",
    1: "r.category = t.category AND r.category <> ''",
    0: "r.variant_id IS NULL AND r.product_id IS NULL AND r.category = ''",
}

_WINNERS: Final = f"""
target AS MATERIALIZED (
    SELECT s.id AS level_id, s.variant_id, s.stock_point_id, v.product_id, pr.category, sp.kind
    FROM {{levels}}
), rules AS MATERIALIZED (
    SELECT * FROM stock_protectionrule WHERE is_applied
), matches AS (
    {" UNION ALL ".join(_MATCH.format(article=article, on=on) for article, on in _ARTICLES.items())}
), scored AS (
    SELECT level_id, channel_id, score, coalesce(max(quantity), 0) AS units, coalesce(max(percent), 0) AS percent
    FROM matches GROUP BY level_id, channel_id, score
), best AS MATERIALIZED (
    SELECT DISTINCT ON (level_id, channel_id) * FROM scored ORDER BY level_id, channel_id, score DESC
), general AS MATERIALIZED (
    SELECT t.level_id, coalesce(b.units, 0) AS units, coalesce(b.percent, 0) AS percent
    FROM target t LEFT JOIN best b ON b.level_id = t.level_id AND b.channel_id IS NULL
), particular AS MATERIALIZED (
    SELECT b.level_id, b.channel_id, b.units, b.percent FROM best b
    LEFT JOIN best o ON o.level_id = b.level_id AND o.channel_id IS NULL
    WHERE b.channel_id IS NOT NULL AND b.score >= coalesce(o.score, 0)
)
"""  # noqa: S608
LEVELS: Final = """stock_stocklevel s
    JOIN stock_variant v ON v.id = s.variant_id
    JOIN stock_product pr ON pr.id = v.product_id
    JOIN stock_stockpoint sp ON sp.id = s.stock_point_id"""
LISTED: Final = f"{LEVELS} WHERE s.id = ANY (%(level_ids)s::bigint[])"


def winners(levels: str) -> str:
    """For the levels, by the rules marked as applied: `general` has one row per level, `particular` one
    per level and channel whose own rule replaces the general one.

    `levels`: SQL, what follows FROM; of `LEVELS`, or `LISTED` for those of the parameter `level_ids`.
    """
    return _WINNERS.format(levels=levels)


_MISMATCHES: Final = f"""
WITH {winners(LISTED)}
SELECT s.id, NULL::bigint, s.protection_units, s.protection_percent, g.units, g.percent
FROM general g JOIN stock_stocklevel s ON s.id = g.level_id
WHERE (s.protection_units, s.protection_percent) IS DISTINCT FROM (g.units, g.percent)
UNION ALL
SELECT coalesce(n.level_id, p.level_id), coalesce(n.channel_id, p.channel_id), p.units, p.percent, n.units, n.percent
FROM particular n
FULL JOIN (SELECT * FROM stock_levelprotection WHERE level_id IN (SELECT level_id FROM target)) p
     ON p.level_id = n.level_id AND p.channel_id = n.channel_id
WHERE (p.units, p.percent) IS DISTINCT FROM (n.units, n.percent)
ORDER BY 1, 2
"""  # noqa: S608


_COLUMNS: Final = {
    "variant_id": "s.variant_id",
    "product_id": "v.product_id",
    "category": "pr.category",
    "stock_point_id": "s.stock_point_id",
    "kind": "sp.kind",
}


def scoped(scope: Scope) -> tuple[str, dict[str, Any]]:
    """SQL: which of `LEVELS` a scope covers, and its parameters. What it leaves open is no part of it, so that the
    planner sees which index serves."""
    conditions, parameters = ["true"], {}
    for name, column in _COLUMNS.items():
        if value := getattr(scope, name):
            conditions.append(f"{column} = %({name})s")
            parameters[name] = value
    if scope.group_id:
        conditions.append(
            """s.stock_point_id IN (
                SELECT stockpoint_id FROM stock_stockpoint_groups WHERE stockpointgroup_id = %(group_id)s)"""
        )
        parameters["group_id"] = scope.group_id
    return " AND ".join(conditions), parameters


def levels_in(scope: Scope) -> QuerySet[StockLevel]:
    """The levels a scope covers."""
    levels = StockLevel.objects.all()
    if scope.variant_id:
        levels = levels.filter(variant_id=scope.variant_id)
    if scope.product_id:
        levels = levels.filter(variant__product_id=scope.product_id)
    if scope.category:
        levels = levels.filter(variant__product__category=scope.category)
    if scope.stock_point_id:
        levels = levels.filter(stock_point_id=scope.stock_point_id)
    if scope.group_id:
        levels = levels.filter(stock_point__groups=scope.group_id)
    if scope.kind:
        levels = levels.filter(stock_point__kind=scope.kind)
    return levels


def covers_more_than(scope: Scope, levels: int) -> bool:
    """Whether a scope covers more than so many levels, without counting those beyond."""
    return levels_in(scope).order_by().values("pk")[: levels + 1].count() > levels


def protection_mismatches(*, level_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Where levels differ from the rules: `(level, channel or None, units, percent, expected units and percent)`."""
    with connection.cursor() as cursor:
        cursor.execute(_MISMATCHES, {"level_ids": list(level_ids)})
        return list(cursor.fetchall())
