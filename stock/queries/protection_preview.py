"""What a protection rule would take from sale, told before anything is written.

A rule may cover every level there is. Which rule wins at a level depends on the article's side and on the
place's side alone, so articles and places are first sorted into classes that the same rules cover, and the
winner is worked out once for each pair of classes: levels only look it up.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from stock.models import ProtectionRule, Variant
from stock.queries.level_sql import JOIN_CHANNEL_PROTECTION, POINT_FEEDS_CHANNEL, POINT_IS_OPEN, PROTECTED

TOP_ROWS: Final = 20
EXPORTED_AT_ONCE: Final = 2_000
# One step of what is counted in the background: few enough levels to be told of often.
VARIANTS_AT_ONCE: Final = 2_000
# Upper ends of the histogram's bars: units hidden of one SKU. The last bar has no end.
BARS: Final = (1, 2, 5, 10, 20, 50, 100)

_SCORE: Final = """
    CASE WHEN r.variant_id IS NOT NULL THEN 12 WHEN r.product_id IS NOT NULL THEN 8 WHEN r.category <> '' THEN 4
         ELSE 0 END
  + CASE WHEN r.stock_point_id IS NOT NULL THEN 3 WHEN r.group_id IS NOT NULL THEN 2 WHEN r.kind <> '' THEN 1
         ELSE 0 END"""
_IN_GROUP: Final = (
    "EXISTS (SELECT 1 FROM stock_stockpoint_groups g WHERE g.stockpointgroup_id = {group} AND g.stockpoint_id = sp.id)"
)

# Rule 0 is the one previewed, in place of its present self.
_CLASSES: Final = f"""
rules AS MATERIALIZED (
    SELECT r.*, {_SCORE} AS score FROM (
        SELECT id, channel_id, quantity, percent, stock_point_id, group_id, kind, variant_id, product_id, category
        FROM stock_protectionrule
        WHERE is_applied AND id <> %(rule_id)s AND (channel_id IS NULL OR channel_id = %(channel_id)s)
        UNION ALL
        SELECT 0, %(channel_id)s::bigint, %(quantity)s::integer, %(percent)s::numeric, %(stock_point_id)s::bigint,
               %(group_id)s::bigint, %(kind)s, %(variant_id)s::bigint, %(product_id)s::bigint, %(category)s
    ) r
), covered AS MATERIALIZED (
    SELECT v.id, v.product_id, pr.category FROM stock_variant v JOIN stock_product pr ON pr.id = v.product_id
    WHERE (%(variant_id)s::bigint IS NULL OR v.id = %(variant_id)s)
      AND (%(variant_ids)s::bigint[] IS NULL OR v.id = ANY(%(variant_ids)s::bigint[]))
      AND (%(first_id)s::bigint IS NULL OR v.id BETWEEN %(first_id)s AND %(last_id)s)
      AND (%(product_id)s::bigint IS NULL OR v.product_id = %(product_id)s)
      AND (%(category)s = '' OR pr.category = %(category)s)
), of_article AS (
    SELECT v.id, r.id AS rule_id FROM covered v JOIN rules r ON r.variant_id = v.id
    UNION ALL SELECT v.id, r.id FROM covered v JOIN rules r ON r.product_id = v.product_id
    UNION ALL SELECT v.id, r.id FROM covered v JOIN rules r ON r.category = v.category AND r.category <> ''
    UNION ALL SELECT v.id, r.id FROM covered v
              JOIN rules r ON r.variant_id IS NULL AND r.product_id IS NULL AND r.category = ''
), articles AS MATERIALIZED (
    SELECT id AS variant_id, rule_ids, (dense_rank() OVER (ORDER BY rule_ids))::integer AS class
    FROM (SELECT id, array_agg(rule_id ORDER BY rule_id) AS rule_ids FROM of_article GROUP BY id) a
), places AS MATERIALIZED (
    SELECT id AS stock_point_id, rule_ids, (dense_rank() OVER (ORDER BY rule_ids))::integer AS class
    FROM (
        SELECT sp.id, array_agg(r.id ORDER BY r.id) AS rule_ids
        FROM stock_stockpoint sp LEFT JOIN stock_saleschannel c ON c.id = %(channel_id)s
        JOIN rules r ON (r.stock_point_id IS NULL OR r.stock_point_id = sp.id) AND (r.kind = '' OR r.kind = sp.kind)
                    AND (r.group_id IS NULL OR {_IN_GROUP.format(group="r.group_id")})
        WHERE {POINT_IS_OPEN} AND (c.id IS NULL OR {POINT_FEEDS_CHANNEL})
          AND (%(stock_point_id)s::bigint IS NULL OR sp.id = %(stock_point_id)s)
          AND (%(kind)s = '' OR sp.kind = %(kind)s)
          AND (%(group_id)s::bigint IS NULL OR {_IN_GROUP.format(group="%(group_id)s")})
        GROUP BY sp.id
    ) p
), winners AS MATERIALIZED (
    SELECT a.class AS article_class, p.class AS place_class,
           coalesce(max(r.quantity) FILTER (WHERE r.is_winner), 0) AS units,
           coalesce(max(r.percent) FILTER (WHERE r.is_winner), 0) AS percent
    FROM (SELECT DISTINCT class, rule_ids FROM articles) a CROSS JOIN (SELECT DISTINCT class, rule_ids FROM places) p
    CROSS JOIN LATERAL (
        SELECT r.quantity, r.percent,
               (r.channel_id IS NOT NULL, r.score) = (best.is_particular, best.score) AS is_winner
        FROM rules r CROSS JOIN (
            SELECT coalesce(max(b.score) FILTER (WHERE b.channel_id IS NOT NULL), -1)
                   >= coalesce(max(b.score) FILTER (WHERE b.channel_id IS NULL), 0) AS is_particular,
                   greatest(max(b.score) FILTER (WHERE b.channel_id IS NOT NULL),
                            max(b.score) FILTER (WHERE b.channel_id IS NULL)) AS score
            FROM rules b WHERE b.id = ANY(a.rule_ids) AND b.id = ANY(p.rule_ids)
        ) best
        WHERE r.id = ANY(a.rule_ids) AND r.id = ANY(p.rule_ids)
    ) r
    GROUP BY 1, 2
), pairs AS MATERIALIZED (
    -- By position: (class of the article − 1) × how many classes of places + class of the place.
    SELECT array_agg(units ORDER BY article_class, place_class) AS units,
           array_agg((percent * 100)::integer ORDER BY article_class, place_class) AS hundredths,
           max(place_class)::integer AS width
    FROM winners
)"""  # noqa: S608 (our own fragments)

_POSITION: Final = "[(a.class - 1) * (SELECT width FROM pairs) + pl.class]"
_FIGURES: Final = f"""
    SELECT s.variant_id, s.stock_point_id,
           greatest(0, s.on_hand - s.reserved - s.unavailable - {PROTECTED}) AS before,
           greatest(0, s.on_hand - s.reserved - s.unavailable - greatest(
               (SELECT units FROM pairs){_POSITION},
               ((SELECT hundredths FROM pairs){_POSITION}::bigint * greatest(s.on_hand, 0) + 9999) / 10000
           ))::integer AS after
    FROM stock_stocklevel s
    JOIN articles a ON a.variant_id = s.variant_id
    JOIN places pl ON pl.stock_point_id = s.stock_point_id
    {JOIN_CHANNEL_PROTECTION}
    WHERE (%(variant_id)s::bigint IS NULL OR s.variant_id = %(variant_id)s)
      AND (%(variant_ids)s::bigint[] IS NULL OR s.variant_id = ANY(%(variant_ids)s::bigint[]))
      AND (%(first_id)s::bigint IS NULL OR s.variant_id BETWEEN %(first_id)s AND %(last_id)s)
      AND (%(stock_point_id)s::bigint IS NULL OR s.stock_point_id = %(stock_point_id)s)
"""  # noqa: S608

_SUMMARY: Final = f"""
WITH {_CLASSES}, by_variant AS MATERIALIZED (
    SELECT variant_id, sum(before) AS before, sum(after) AS after,
           sum(before - after) FILTER (WHERE after < before) AS hidden, max(before - after) AS most,
           count(*) FILTER (WHERE after < before) AS points
    FROM (
        {_FIGURES}
          -- Where nothing is for sale now, nothing can be taken from sale.
          AND s.on_hand > s.reserved + s.unavailable
        -- Worked out once for each level: the planner would write the figures out again in every sum.
        OFFSET 0
    ) f GROUP BY variant_id
), emptied AS MATERIALIZED (
    SELECT variant_id FROM by_variant WHERE before > 0 AND after = 0
), elsewhere AS (
    SELECT DISTINCT s.variant_id FROM emptied e
    JOIN stock_stocklevel s ON s.variant_id = e.variant_id
    {JOIN_CHANNEL_PROTECTION}
    JOIN stock_stockpoint sp ON sp.id = s.stock_point_id
    LEFT JOIN stock_saleschannel c ON c.id = %(channel_id)s
    WHERE {POINT_IS_OPEN} AND (c.id IS NULL OR {POINT_FEEDS_CHANNEL})
      AND (%(first_id)s::bigint IS NULL OR s.variant_id BETWEEN %(first_id)s AND %(last_id)s)
      AND NOT EXISTS (SELECT 1 FROM places pl WHERE pl.stock_point_id = s.stock_point_id)
      AND s.on_hand - s.reserved - s.unavailable - {PROTECTED} > 0
)
SELECT coalesce(sum(hidden), 0)::bigint, count(hidden),
       (SELECT count(*) FROM emptied) - (SELECT count(*) FROM elsewhere),
       (SELECT coalesce(json_object_agg(bar, skus), '{{}}') FROM (
           SELECT width_bucket(hidden - 1, %(bars)s::numeric[]) AS bar, count(*) AS skus
           FROM by_variant WHERE hidden > 0 GROUP BY 1) h),
       -- The rows that lose most are of these variants, whichever they are.
       (SELECT array_agg(id) FROM (
           SELECT v.id FROM by_variant b JOIN stock_variant v ON v.id = b.variant_id
           WHERE b.hidden > 0 ORDER BY b.most DESC, v.sku LIMIT {TOP_ROWS}) t),
       (SELECT coalesce(json_agg(t), '[]') FROM (
           SELECT v.sku, b.points, b.before::integer AS before, b.after::integer AS after
           FROM by_variant b JOIN stock_variant v ON v.id = b.variant_id
           WHERE b.hidden > 0 ORDER BY b.hidden DESC, v.sku LIMIT {TOP_ROWS}) t)
FROM by_variant
"""  # noqa: S608
_ROWS: Final = f"""
WITH {_CLASSES}
SELECT v.sku, sp.code, f.before, f.after
FROM ({_FIGURES}) f
JOIN stock_variant v ON v.id = f.variant_id JOIN stock_stockpoint sp ON sp.id = f.stock_point_id
WHERE f.after < f.before ORDER BY f.before - f.after DESC, v.sku, sp.code
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class HiddenStock:
    """What a rule would take from sale."""

    hidden_units: int
    hidden_skus: int
    skus_to_zero: int
    top: list[dict[str, Any]]
    """`{sku, stock_point, before, after}`, those that lose most first."""
    histogram: list[tuple[str, int]] = field(default_factory=list)
    """Units hidden of one SKU, as a range in words → how many SKUs."""
    top_skus: list[dict[str, Any]] = field(default_factory=list)
    """`{sku, points, before, after}` over all points, those that lose most first; `points` lose some."""


def hidden_stock(*, rule: ProtectionRule, at: datetime) -> HiddenStock:
    """What a rule, saved or not, would take from sale if it were in force, in place of its present self.

    From its channel, or else from the channels without a rule of their own; at the points open `at`.
    """
    with transaction.atomic():
        return _told(rule, at, _counted(rule, at, None))


def count_hidden(*, rule: ProtectionRule, at: datetime, watch: Callable[[int], None]) -> HiddenStock:
    """The same for a rule that touches millions of levels, a part of the assortment at a time.

    Each part is of its own moment. `watch` is told, after each, how many per cent are counted.
    """
    total = _Counted()
    ids = list(Variant.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), VARIANTS_AT_ONCE):
        part = ids[start : start + VARIANTS_AT_ONCE]
        with transaction.atomic():
            total.add(_counted(rule, at, (part[0], part[-1])))
        watch(100 * (start + len(part)) // len(ids))
    with transaction.atomic():
        return _told(rule, at, total)


@dataclass(slots=True)
class _Counted:
    """Of some variants: no variant is in two of them, so that they add up."""

    units: int = 0
    skus: int = 0
    to_zero: int = 0
    bars: Counter[str] = field(default_factory=Counter)
    most_hidden: list[int] = field(default_factory=list)
    top_skus: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: _Counted) -> None:
        self.units += other.units
        self.skus += other.skus
        self.to_zero += other.to_zero
        self.bars += other.bars
        self.most_hidden += other.most_hidden
        self.top_skus = sorted([*self.top_skus, *other.top_skus], key=_by_loss)[:TOP_ROWS]


def _counted(rule: ProtectionRule, at: datetime, variants: tuple[int, int] | None) -> _Counted:
    """Of the variants whose ids lie between these two, or of all."""
    first_id, last_id = variants or (None, None)
    with connection.cursor() as cursor:
        _plan_for(rule, cursor)
        cursor.execute(_SUMMARY, {**_parameters(rule, at), "first_id": first_id, "last_id": last_id})
        units, skus, to_zero, bars, variant_ids, top_skus = cursor.fetchone()
    return _Counted(units, skus, to_zero, Counter(bars), variant_ids or [], top_skus)


def _by_loss(row: Mapping[str, Any]) -> tuple[int, str]:
    return row["after"] - row["before"], row["sku"]


def _told(rule: ProtectionRule, at: datetime, counted: _Counted) -> HiddenStock:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = on; SET LOCAL enable_sort = on")
        parameters = {**_parameters(rule, at), "variant_ids": counted.most_hidden}
        cursor.execute(f"{_ROWS} LIMIT {TOP_ROWS}", parameters)
        top = [_row(*found) for found in cursor.fetchall()]
    return HiddenStock(counted.units, counted.skus, counted.to_zero, top, _histogram(counted.bars), counted.top_skus)


def hidden_rows(*, rule: ProtectionRule, at: datetime) -> Iterator[dict[str, Any]]:
    """Every level the rule would take units from, `{sku, stock_point, before, after}`, read as it is written out."""
    with transaction.atomic(), connection.connection.cursor(name="hidden_rows") as cursor:
        cursor.itersize = EXPORTED_AT_ONCE
        with connection.cursor() as setting:
            _plan_for(rule, setting)
        cursor.execute(_ROWS, _parameters(rule, at))
        for found in cursor:
            yield _row(*found)


def hidden_lines(*, rule: ProtectionRule, at: datetime) -> Iterator[str]:
    """The same as lines of CSV, the names of the columns first."""
    columns = ("sku", "stock_point", "before", "after")
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for row in hidden_rows(rule=rule, at=at):
        yield writer.writerow([_safe(row[name]) for name in columns])


class _Echo:
    """What `csv` writes into, to be handed on at once."""

    def write(self, text: str) -> str:
        return text


def _safe(value: Any) -> Any:
    """A code that a spreadsheet would take for a formula is told as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _plan_for(rule: ProtectionRule, cursor: Any) -> None:
    """For this transaction: the planner takes classes for a few rows, and would loop over or sort millions."""
    cursor.execute("SET LOCAL work_mem = '64MB'")
    if rule.variant_id is None and rule.product_id is None:
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_sort = off")


def _parameters(rule: ProtectionRule, at: datetime) -> dict[str, Any]:
    names = ("channel_id", "quantity", "percent", "stock_point_id", "group_id", "kind")
    article = ("variant_id", "product_id", "category")
    given = {name: getattr(rule, name) for name in (*names, *article)}
    return {**given, "kind": rule.kind or "", "category": rule.category or "", "rule_id": rule.pk or 0, "at": at} | {
        "bars": list(BARS),
        "variant_ids": None,
        "first_id": None,
        "last_id": None,
    }


def _row(sku: str, stock_point: str, before: int, after: int) -> dict[str, Any]:
    return {"sku": sku, "stock_point": stock_point, "before": before, "after": after}


def _histogram(bars: Mapping[str, int]) -> list[tuple[str, int]]:
    """From the first bar to the last one that has anything; empty bars between them are kept."""
    lows = (1, *(end + 1 for end in BARS))
    named = [f"{low}–{end}" if low < end else f"{low}" for low, end in zip(lows, BARS, strict=False)]
    named.append(f"{lows[-1]}+")
    counts = [bars.get(str(number), 0) for number in range(len(named))]
    last = max((number for number, skus in enumerate(counts) if skus), default=-1)
    return list(zip(named, counts, strict=True))[: last + 1]
