"""Counting the orders a stock point takes in a day.

Whoever gives a stock point work takes capacity, and gives it back when the work is declined or
cancelled. The guard is one conditional update over rows locked in the order of their stock points.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.db import connection, transaction

from oms.core.retrying import retry_on_conflict
from oms.orchestration.errors import NoCapacityLeft
from oms.orchestration.queries.capacity import Allowance, allowances_today

_TAKE = """
INSERT INTO orchestration_capacityuse AS c (stock_point_id, "on", used, capacity)
SELECT stock_point_id, on_day, wanted, capacity
FROM unnest(%s::bigint[], %s::date[], %s::int[], %s::int[]) AS w (stock_point_id, on_day, wanted, capacity)
WHERE wanted <= capacity
ORDER BY stock_point_id, on_day
ON CONFLICT (stock_point_id, "on") DO UPDATE
SET used = c.used + excluded.used, capacity = greatest(c.capacity, excluded.capacity)
WHERE c.used + excluded.used <= excluded.capacity
RETURNING stock_point_id
"""

_GIVE_BACK = """
WITH l AS MATERIALIZED (
    SELECT c.id, w.units
    FROM orchestration_capacityuse c
    JOIN unnest(%s::bigint[], %s::date[], %s::int[]) AS w (stock_point_id, on_day, units)
      ON w.stock_point_id = c.stock_point_id AND w.on_day = c."on"
    ORDER BY c.stock_point_id, c."on" FOR NO KEY UPDATE OF c
)
UPDATE orchestration_capacityuse c SET used = greatest(c.used - l.units, 0) FROM l WHERE c.id = l.id
"""


@retry_on_conflict
@transaction.atomic
def take_capacity(*, stock_point_ids: Iterable[int]) -> dict[int, date]:
    """Count one order at each point (twice where it is named twice), all or nothing.

    Answers the day each counted point booked it on, to be given back by; a point without a limit is
    not counted and not in the answer. Raises `NoCapacityLeft` naming the full points.
    """
    wanted = Counter(stock_point_ids)
    limited = [allowance for allowance in allowances_today(wanted) if allowance.capacity is not None]
    if not limited:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            [
                [each.stock_point_id for each in limited],
                [each.on for each in limited],
                [wanted[each.stock_point_id] for each in limited],
                [each.capacity for each in limited],
            ],
        )
        taken = {row[0] for row in cursor.fetchall()}
    _refuse_full(each for each in limited if each.stock_point_id not in taken)
    return {each.stock_point_id: each.on for each in limited}


def _refuse_full(full: Iterable[Allowance]) -> None:
    codes = sorted(each.code for each in full)
    if codes:
        raise NoCapacityLeft(f"No more orders today at {', '.join(codes)}.", data={"stock_points": codes})


@retry_on_conflict
@transaction.atomic
def give_back_capacity(*, uses: Iterable[tuple[int, date]]) -> None:
    """Undo what was taken, by stock point and the day it was booked on; a pair named twice counts twice."""
    counted = Counter(uses)
    if not counted:
        return
    keys = sorted(counted)
    with connection.cursor() as cursor:
        cursor.execute(
            _GIVE_BACK, [[point for point, _ in keys], [on for _, on in keys], [counted[key] for key in keys]]
        )
