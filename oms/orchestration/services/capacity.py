"""Counting the orders a stock point takes in a day, and in an opening hour.

Whoever gives a stock point work takes capacity, and gives it back when the work is declined or
cancelled. The guard is one conditional update over rows locked in the order of their stock points.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from django.db import connection, transaction

from oms.core.retrying import retry_on_conflict
from oms.orchestration.errors import NoCapacityLeft
from oms.orchestration.queries.capacity import Allowance, Place, allowances_now

_TAKE = """
INSERT INTO orchestration_capacityuse AS c (stock_point_id, "on", hour, used, capacity)
SELECT stock_point_id, on_day, hour, wanted, capacity
FROM unnest(%s::bigint[], %s::date[], %s::int[], %s::int[], %s::int[])
     AS w (stock_point_id, on_day, hour, wanted, capacity)
WHERE wanted <= capacity
ORDER BY stock_point_id, on_day, hour NULLS FIRST
ON CONFLICT ("on", stock_point_id, hour) DO UPDATE
SET used = c.used + excluded.used, capacity = greatest(c.capacity, excluded.capacity)
WHERE c.used + excluded.used <= excluded.capacity
RETURNING stock_point_id, "on", hour
"""

_GIVE_BACK = """
WITH l AS MATERIALIZED (
    SELECT c.id, w.units
    FROM orchestration_capacityuse c
    JOIN unnest(%s::bigint[], %s::date[], %s::int[], %s::int[]) AS w (stock_point_id, on_day, hour, units)
      ON w.stock_point_id = c.stock_point_id AND w.on_day = c."on" AND w.hour IS NOT DISTINCT FROM c.hour
    ORDER BY c.stock_point_id, c."on", c.hour NULLS FIRST FOR NO KEY UPDATE OF c
)
UPDATE orchestration_capacityuse c SET used = greatest(c.used - l.units, 0) FROM l WHERE c.id = l.id
"""


@retry_on_conflict
@transaction.atomic
def take_capacity(*, stock_point_ids: Iterable[int]) -> dict[int, Place]:
    """Count one order at each point (twice where it is named twice), all or nothing.

    Answers the day (and opening hour) each counted point booked it on, to be given back by; a point without a
    limit is not counted and not in the answer. Raises `NoCapacityLeft` naming the full points.
    """
    wanted = Counter(stock_point_ids)
    limited = allowances_now(wanted)
    if not limited:
        return {}
    asked = [
        (each.stock_point_id, on, hour, wanted[each.stock_point_id], capacity)
        for each in limited
        for on, hour, capacity in _rows(each)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [list(column) for column in zip(*asked, strict=True)])
        taken = set(cursor.fetchall())
    full = {point for point, on, hour, _, _ in asked if (point, on, hour) not in taken}
    _refuse_full(each for each in limited if each.stock_point_id in full)
    return {each.stock_point_id: each.place for each in limited}


def _rows(allowance: Allowance) -> Iterator[tuple[date, int | None, int]]:
    if allowance.per_day is not None:
        yield allowance.place.on, None, allowance.per_day
    if allowance.per_hour is not None:
        yield allowance.place.on, allowance.place.hour, allowance.per_hour


def _refuse_full(full: Iterable[Allowance]) -> None:
    codes = sorted(each.code for each in full)
    if codes:
        raise NoCapacityLeft(f"No more orders now at {', '.join(codes)}.", data={"stock_points": codes})


@retry_on_conflict
@transaction.atomic
def give_back_capacity(*, uses: Iterable[tuple[int, Place]]) -> None:
    """Undo what was taken, by stock point and the place it was booked on; a pair named twice counts twice."""
    counted: Counter[tuple[int, date, int | None]] = Counter()
    for point, place in uses:
        counted[point, place.on, None] += 1
        if place.hour is not None:
            counted[point, place.on, place.hour] += 1
    if not counted:
        return
    columns = [(*key, units) for key, units in counted.items()]
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, [list(column) for column in zip(*columns, strict=True)])
