"""Keeping channels below their allotments: the counter's lock comes before any level's."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from oms.core import clock
from oms.core.prepared import prepared_cursor
from stock.errors import InsufficientStock
from stock.models import Variant
from stock.queries.allotments import WINNING_ALLOTMENTS, ceilings

Counters = dict[int, int]
"""The locked counters' ids by variant."""

# The counters of what is wanted, made where they are missing, and those of what is given up: one order of locks.
_ENSURE: Final = f"""
WITH {WINNING_ALLOTMENTS}
INSERT INTO stock_allotmentcounter (allotment_id, variant_id)
SELECT w.allotment_id, w.variant_id FROM winning w
WHERE NOT EXISTS (SELECT 1 FROM stock_allotmentcounter k
                  WHERE k.allotment_id = w.allotment_id AND k.variant_id = w.variant_id)
ORDER BY w.allotment_id, w.variant_id
ON CONFLICT (allotment_id, variant_id) DO NOTHING
"""  # noqa: S608 (our own fragments)
_LOCK: Final = f"""
WITH {WINNING_ALLOTMENTS}
SELECT k.variant_id, k.id, EXISTS (SELECT 1 FROM winning w
                                   WHERE w.allotment_id = k.allotment_id AND w.variant_id = k.variant_id)
FROM stock_allotmentcounter k
WHERE (k.allotment_id, k.variant_id) IN (SELECT w.allotment_id, w.variant_id FROM winning w)
   OR k.id IN (SELECT r.allotment_counter_id FROM stock_reservation r
               WHERE r.id = ANY(%(reservation_ids)s::bigint[]) AND r.allotment_counter_id IS NOT NULL)
ORDER BY k.id FOR NO KEY UPDATE OF k
"""  # noqa: S608
_TAKE: Final = """
WITH marked AS (
    UPDATE stock_reservation r SET allotment_counter_id = c.counter_id
    FROM unnest(%(variant_ids)s::bigint[], %(counter_ids)s::bigint[]) AS c(variant_id, counter_id)
    WHERE r.id = ANY(%(reservation_ids)s::bigint[]) AND r.variant_id = c.variant_id
    RETURNING c.counter_id, r.quantity
)
UPDATE stock_allotmentcounter k SET taken = k.taken + m.units
FROM (SELECT counter_id, sum(quantity)::integer AS units FROM marked GROUP BY counter_id) m WHERE k.id = m.counter_id
"""
_GIVE_BACK: Final = """
UPDATE stock_allotmentcounter k SET taken = k.taken - f.quantity
FROM unnest(%(ids)s::bigint[], %(quantities)s::integer[]) AS f(id, quantity) WHERE k.id = f.id
"""


def lock_counters(*, channel_id: int, variant_ids: Iterable[int], reservation_ids: Sequence[int] = ()) -> Counters:
    """Lock the counters of the articles, and of reservations that are to be given up; before any level."""
    parameters: dict[str, Any] = {
        "channel_id": channel_id,
        "variant_ids": sorted(set(variant_ids)),
        "reservation_ids": list(reservation_ids),
        "at": clock.now(),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_ENSURE, {name: parameters[name] for name in ("channel_id", "variant_ids", "at")})
        cursor.execute(_LOCK, parameters)
        return {variant: counter for variant, counter, is_wanted in cursor.fetchall() if is_wanted}


def refuse_beyond_ceiling(*, channel_id: int, units: Mapping[int, int], own: Mapping[int, int] | None = None) -> None:
    """Under the counters' locks, and once what is given up for them is given back. Raises `InsufficientStock`.

    `own`: units by variant just given up, which may always be kept, also where the ceiling was lowered since.
    """
    given_up = own or {}
    limits = ceilings(channel_id=channel_id, variant_ids=units)
    beyond = {variant: limits[variant].units for variant in units if variant in limits}
    beyond = {variant: left for variant, left in beyond.items() if units[variant] > max(left, given_up.get(variant, 0))}
    if not beyond:
        return
    skus = dict(Variant.objects.filter(pk__in=beyond).values_list("pk", "sku"))
    lines = [
        {"sku": skus[variant], "stock_point": None, "requested": units[variant], "available": left}
        for variant, left in beyond.items()
    ]
    named = ", ".join(str(line["sku"]) for line in lines)
    raise InsufficientStock(f"The channel may not take so much of {named}.", data={"lines": lines})


def count_taken(*, counters: Counters, reservation_ids: Sequence[int]) -> None:
    """Write the new reservations down in the locked counters."""
    if not (counters and reservation_ids):
        return
    parameters = {
        "variant_ids": list(counters),
        "counter_ids": list(counters.values()),
        "reservation_ids": list(reservation_ids),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_TAKE, parameters)


def give_back_taken(units: Mapping[int, int]) -> None:
    """Units by counter that nobody holds any more; the counters were locked before the levels."""
    ids = sorted(units)
    with prepared_cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"ids": ids, "quantities": [units[counter] for counter in ids]})
