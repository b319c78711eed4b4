"""Protection that history suggests, with what it is worked out from. Never applied: a person writes the rule.

Demand is of the article in this shop; how late receipts come and how often units are missing is of the whole stock
point: single articles are too rarely counted to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from statistics import median
from typing import Any, Final

from django.conf import settings
from django.db import connection

from oms.core import clock
from oms.replenishment.protecting import Experience, Suggestion, suggested_protection
from stock.models import ProtectionRule, StockLevel
from stock.queries.expected import NAMES_RECEIPT
from stock.queries.protection import LEVELS, levels_in, scoped
from stock.queries.shelves import LOOK_BACK_DAYS

# Errors and lateness of the last year; fewer looks or receipts than these tell nothing.
EVIDENCE_DAYS: Final = 365
LOOKS_AT_LEAST: Final = 20
RECEIPTS_AT_LEAST: Final = 3
LEVELS_AT_MOST: Final = 2000
"""Of a rule that covers more, so many are looked at: drawn from all it covers, never the first of them."""
LISTED_AT_MOST: Final = 50_000
"""Of a rule that covers more still, the levels are not even listed: one is looked up at each of so many even steps."""
# What adjustments are called that a decline or a short pick has written (`orders.services.declining`).
NOT_FOUND: Final = "^(reservation|offer):"

_SOLD: Final = """
WITH asked AS (
    SELECT id, variant_id, stock_point_id, on_hand, unavailable, protected FROM stock_stocklevel
    WHERE id = ANY(%(level_ids)s::bigint[])
), sales AS MATERIALIZED (
    SELECT a.id, m.quantity, m.occurred_at FROM asked a JOIN stock_stockmovement m USING (variant_id, stock_point_id)
    WHERE m.kind = 'sale' AND m.occurred_at > %(look_back)s AND m.occurred_at <= %(at)s
), ended AS (
    SELECT a.id, CASE WHEN a.on_hand - a.unavailable <= 0
                 THEN coalesce((SELECT max(s.occurred_at) FROM sales s WHERE s.id = a.id), %(at)s::timestamptz)
                 ELSE %(at)s::timestamptz END AS until
    FROM asked a
)
SELECT a.id, a.stock_point_id, a.on_hand, a.protected, coalesce((
    SELECT -sum(s.quantity) FROM sales s
    WHERE s.id = a.id AND s.occurred_at <= e.until
      AND s.occurred_at > e.until - make_interval(days => %(demand_days)s)), 0)::integer
FROM asked a JOIN ended e USING (id) ORDER BY a.id
"""
# Looked for: what counts expected on the shelf, and what was picked; missing: what was not there.
_MISSING: Final = """
SELECT point, coalesce(sum(missing), 0)::integer, coalesce(sum(looked), 0)::integer FROM (
    SELECT c.stock_point_id AS point, greatest(0, -l.applied_quantity) AS missing, greatest(0, l.expected) AS looked
    FROM stock_stockcount c JOIN stock_countline l ON l.stock_count_id = c.id
    WHERE c.stock_point_id = ANY(%(stock_point_ids)s::bigint[]) AND c.state = 'applied' AND c.decided_at > %(since)s
      AND l.applied_quantity IS NOT NULL
    UNION ALL
    SELECT m.stock_point_id, CASE WHEN m.kind = 'adjustment' THEN -m.quantity ELSE 0 END, -m.quantity
    FROM stock_stockmovement m
    WHERE m.stock_point_id = ANY(%(stock_point_ids)s::bigint[]) AND m.recorded_at > %(since)s AND m.quantity < 0
      AND (m.kind = 'shipment' OR m.kind = 'adjustment' AND m.reference ~ %(declines)s)
) told GROUP BY point
"""
_LATE: Final = f"""
WITH came AS (
    SELECT e.stock_point_id, greatest(0, (min(w.occurred_at) AT TIME ZONE sp.timezone)::date - e.expected_on) AS days
    FROM stock_expectedreceipt e JOIN stock_stockpoint sp ON sp.id = e.stock_point_id
    JOIN stock_ledger w USING (variant_id, stock_point_id)
    WHERE e.stock_point_id = ANY(%(stock_point_ids)s::bigint[]) AND e.received > 0 AND e.created_at > %(since)s
      AND w.kind IN ('receipt', 'transfer_in') AND w.quantity > 0 AND {NAMES_RECEIPT}
    GROUP BY e.id, sp.timezone
)
SELECT stock_point_id, count(*), avg(days)::float, coalesce(stddev_samp(days), 0)::float FROM came GROUP BY 1
"""  # noqa: S608 (our own fragments)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A suggestion beside what is kept now, and all it is worked out from."""

    level_id: int
    protected: int
    suggestion: Suggestion
    sold: int
    sold_days: int
    missing: int
    looked_for: int
    receipts: int
    experience: Experience

    @property
    def suggested(self) -> int:
        return self.suggestion.units

    @property
    def missing_percent(self) -> float:
        return round(100 * self.experience.missing_share, 1)

    @property
    def looked_for_too_few(self) -> bool:
        return self.looked_for < LOOKS_AT_LEAST

    @property
    def receipts_too_few(self) -> bool:
        return self.receipts < RECEIPTS_AT_LEAST


@dataclass(frozen=True, slots=True)
class RuleEvidence:
    """What the levels a rule covers keep now, and what history suggests: of all, or of a sample of `levels` of them."""

    levels: int
    protected: int
    suggested: int
    median: float
    is_sample: bool

    @property
    def protected_each(self) -> float:
        return self.protected / self.levels

    @property
    def suggested_each(self) -> float:
        return self.suggested / self.levels


def suggested_for(level_ids: Sequence[int], *, at: datetime | None = None) -> dict[int, Evidence]:
    """By level, in three queries however many there are."""
    at = at or clock.now()
    parameters: dict[str, Any] = {
        "level_ids": list(level_ids),
        "at": at,
        "look_back": at - timedelta(days=LOOK_BACK_DAYS),
        "demand_days": settings.REPLENISHMENT_DEMAND_DAYS,
        "since": at - timedelta(days=EVIDENCE_DAYS),
        "declines": NOT_FOUND,
    }
    levels = _rows(_SOLD, parameters)
    parameters["stock_point_ids"] = sorted({row[1] for row in levels})
    missing = {point: (gone, looked) for point, gone, looked in _rows(_MISSING, parameters)}
    late = {point: told for point, *told in _rows(_LATE, parameters)}
    return {
        level: _evidence((level, on_hand, protected, sold), missing.get(point, (0, 0)), late.get(point, [0, 0.0, 0.0]))
        for level, point, on_hand, protected, sold in levels
    }


def suggested_for_rule(rule: ProtectionRule) -> RuleEvidence | None:
    """None where it covers no level."""
    ids, is_sample = _levels_to_look_at(rule)
    found = suggested_for(ids).values()
    if not found:
        return None
    return RuleEvidence(
        levels=len(found),
        protected=sum(each.protected for each in found),
        suggested=sum(each.suggested for each in found),
        median=median(each.suggested for each in found),
        is_sample=is_sample,
    )


def _levels_to_look_at(rule: ProtectionRule) -> tuple[Sequence[int], bool]:
    """Levels of the rule, and whether they are a sample. The same levels give the same sample."""
    covered = levels_in(rule).order_by()
    ids = sorted(covered.values_list("pk", flat=True)[: LISTED_AT_MOST + 1])
    if len(ids) <= LEVELS_AT_MOST:
        return ids, False
    if len(ids) <= LISTED_AT_MOST:
        return Random(rule.pk).sample(ids, LEVELS_AT_MOST), True  # noqa: S311 (no secret)
    condition, parameters = scoped(rule)
    rows = _rows(
        f"""
        SELECT DISTINCT next.id
        FROM (SELECT min(id) AS first, max(id) AS last FROM stock_stocklevel) ends,
             generate_series(0, %(steps)s - 1) AS step,
             LATERAL (SELECT s.id FROM {LEVELS}
                      WHERE {condition} AND s.id >= ends.first + (ends.last - ends.first) * step / %(steps)s
                      ORDER BY s.id LIMIT 1) next
        ORDER BY 1
        """,  # noqa: S608 (our own fragments)
        {**parameters, "steps": LEVELS_AT_MOST},
    )
    return [level for (level,) in rows], True


def suggested_for_level(level: StockLevel) -> Evidence:
    return suggested_for([level.pk])[level.pk]


def _evidence(level: tuple[int, int, int, int], missing: Sequence[int], late: Sequence[Any]) -> Evidence:
    level_id, on_hand, protected, sold = level
    (gone, looked), (receipts, late_days, spread) = missing, late
    days = settings.REPLENISHMENT_DEMAND_DAYS
    is_known_late = receipts >= RECEIPTS_AT_LEAST
    experience = Experience(
        on_hand=on_hand,
        per_day=max(0, sold) / days,
        late_days=late_days if is_known_late else 0.0,
        late_spread_days=spread if is_known_late else 0.0,
        missing_share=gone / looked if looked >= LOOKS_AT_LEAST else 0.0,
    )
    suggestion = suggested_protection(
        experience, answer_days=settings.PROTECTION_ANSWER_DAYS, factor=settings.REPLENISHMENT_SERVICE_FACTOR
    )
    return Evidence(level_id, protected, suggestion, max(0, sold), days, gone, looked, receipts, experience)


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
