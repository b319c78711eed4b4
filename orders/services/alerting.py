"""Telling of milestones in danger, before they pass and after, to one audience after another; each alert once.

Set-based: one statement raises what is due, one closes what is over, however many orders there are. Two
schedulers at once, or a tick that was missed, change nothing: what is due is due until it is told, and the
database holds each alert once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from oms.core import clock
from orders.states import AlertStage, Audience

# Of a promise broken longer ago nobody needs to be told any more.
TOLD_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Step:
    """An audience is told so long `after` the milestone (before it, where negative)."""

    stage: AlertStage
    audience: Audience
    after: timedelta


def steps_of_work() -> tuple[Step, ...]:
    """The store first, then whoever looks after several stores, then customer service."""
    minutes = settings.PROMISE_ALERT_MINUTES
    return (
        Step(AlertStage.APPROACHING, Audience.STORE, -timedelta(minutes=minutes["before"])),
        Step(AlertStage.MISSED, Audience.STORE, timedelta(0)),
        Step(AlertStage.REGION, Audience.REGIONAL_MANAGER, timedelta(minutes=minutes["regional_manager"])),
        Step(AlertStage.SERVICE, Audience.CUSTOMER_SERVICE, timedelta(minutes=minutes["customer_service"])),
    )


def steps_of_order() -> tuple[Step, ...]:
    """What is no stock point's work yet is customer service's."""
    before = timedelta(minutes=settings.PROMISE_ALERT_MINUTES["before"])
    return (
        Step(AlertStage.APPROACHING, Audience.CUSTOMER_SERVICE, -before),
        Step(AlertStage.MISSED, Audience.CUSTOMER_SERVICE, timedelta(0)),
    )


_UNRELEASED = """EXISTS (
    SELECT 1 FROM orders_orderline l JOIN orders_allocation s ON s.line_id = l.id
    WHERE l.order_id = o.id AND s.fulfilment_id IS NULL AND s.state IN ('reserved', 'unfillable')
)"""

_RAISE = f"""
WITH due AS (
    SELECT f.order_id, f.id AS fulfilment_id, f.stock_point_id, 'accept' AS milestone, f.begin_by AS due_at
    FROM orders_fulfilment f WHERE f.state = 'offered' AND f.begin_by BETWEEN %(oldest)s AND %(horizon)s
    UNION ALL
    SELECT f.order_id, f.id, f.stock_point_id, 'hand_over', f.due_at
    FROM orders_fulfilment f
    WHERE f.state IN ('accepted', 'picking', 'packed') AND f.due_at BETWEEN %(oldest)s AND %(horizon)s
    UNION ALL
    SELECT o.id, NULL, NULL, 'confirm', o.confirm_by
    FROM orders_order o WHERE o.state = 'pending_payment' AND o.confirm_by BETWEEN %(oldest)s AND %(horizon)s
    UNION ALL
    SELECT o.id, NULL, NULL, 'release', o.release_by
    FROM orders_order o
    WHERE (o.state = 'confirmed' OR o.id IN (
               SELECT l.order_id FROM orders_allocation s JOIN orders_orderline l ON l.id = s.line_id
               WHERE s.state = 'unfillable'))
      AND o.state IN ('confirmed', 'in_progress', 'partially_fulfilled')
      AND o.release_by BETWEEN %(oldest)s AND %(horizon)s AND {_UNRELEASED}
), step AS (
    SELECT * FROM unnest(%(of_work)s::boolean[], %(stages)s::text[], %(audiences)s::text[], %(afters)s::interval[])
        AS s (of_work, stage, audience, after)
)
INSERT INTO orders_promisealert
    (order_id, fulfilment_id, stock_point_id, milestone, due_at, stage, audience, raised_at, outcome)
SELECT d.order_id, d.fulfilment_id, d.stock_point_id, d.milestone, d.due_at, s.stage, s.audience, %(now)s, ''
FROM due d JOIN step s ON s.of_work = (d.fulfilment_id IS NOT NULL)
WHERE d.due_at + s.after <= %(now)s AND (s.stage <> 'approaching' OR d.due_at > %(now)s)
  AND NOT EXISTS (
      SELECT 1 FROM orders_promisealert a
      WHERE a.order_id = d.order_id AND a.fulfilment_id IS NOT DISTINCT FROM d.fulfilment_id
        AND a.milestone = d.milestone AND a.stage = s.stage AND a.due_at = d.due_at)
ORDER BY d.due_at, d.order_id, s.after
ON CONFLICT DO NOTHING
"""  # noqa: S608 (our own condition)

_CLOSE = f"""
UPDATE orders_promisealert SET closed_at = %(now)s, outcome = over.outcome
FROM (
    SELECT a.id, CASE
        WHEN a.milestone = 'accept' AND f.state IN
            ('accepted', 'picking', 'packed', 'ready_for_pickup', 'handed_over', 'completed') THEN 'met'
        WHEN a.milestone = 'hand_over' AND f.state IN ('ready_for_pickup', 'handed_over', 'completed') THEN 'met'
        WHEN a.milestone = 'confirm' AND o.state NOT IN ('pending_payment', 'cancelled', 'expired') THEN 'met'
        WHEN f.state IN ('declined', 'expired', 'cancelled') OR o.state IN ('cancelled', 'expired') THEN 'ended'
        WHEN a.milestone = 'release' AND NOT {_UNRELEASED} THEN 'met'
        WHEN a.due_at IS DISTINCT FROM CASE a.milestone
            WHEN 'accept' THEN f.begin_by WHEN 'hand_over' THEN f.due_at
            WHEN 'confirm' THEN o.confirm_by ELSE o.release_by END THEN 'moved'
        WHEN a.stage = 'approaching' AND a.due_at <= %(now)s THEN 'overtaken'
    END AS outcome
    FROM orders_promisealert a
    JOIN orders_order o ON o.id = a.order_id
    LEFT JOIN orders_fulfilment f ON f.id = a.fulfilment_id
    WHERE a.closed_at IS NULL
) over
WHERE orders_promisealert.id = over.id AND over.outcome IS NOT NULL AND orders_promisealert.closed_at IS NULL
"""  # noqa: S608


@transaction.atomic
def watch_milestones() -> tuple[int, int]:
    """Close what is over, raise what is due: how many of each. Two statements, however much there is."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, {"now": now})
        closed = cursor.rowcount
        cursor.execute(_RAISE, _parameters(now))
        return closed, cursor.rowcount


def _parameters(now: Any) -> dict[str, Any]:
    steps = [*((True, step) for step in steps_of_work()), *((False, step) for step in steps_of_order())]
    return {
        "now": now,
        "oldest": now - TOLD_FOR,
        "horizon": now + max(-step.after for _, step in steps),
        "of_work": [of_work for of_work, _ in steps],
        "stages": [step.stage.value for _, step in steps],
        "audiences": [step.audience.value for _, step in steps],
        "afters": [step.after for _, step in steps],
    }
