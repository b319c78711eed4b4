"""Millions of levels at once: drawn, written and entered in the ledger by the database itself.

The services take facts one by one, which is right for facts. A whole network's opening stock is one
statement per step instead: each level comes with the one movement it is the sum of, and with the
protection of the rules already in force. All of it is one transaction, within which keys are taken off the
two tables and put back: checking millions of rows at once is a join, checking them one by one is most of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from django.db import connection, transaction

from oms.core import clock
from oms.demo.places import CITY, FLAGSHIP, SMALL, SUPPLIERS, WAREHOUSE_GROUP
from stock.models import Variant
from stock.services.protecting import apply_protection

VARIANTS_PER_STEP: Final = 1_000

# Of each group of stock points: of a hundred articles how many it has, and how many units at most.
ASSORTMENT: Final[Mapping[str, tuple[int, int]]] = {
    WAREHOUSE_GROUP: (95, 400),
    FLAGSHIP: (36, 8),
    CITY: (18, 5),
    SMALL: (10, 3),
    SUPPLIERS: (25, 100),
}

# The draw is a hash of the pair and the seed: the same seed, the same stock, in whatever order it is made.
_WRITE = """
WITH assortment AS (
    SELECT g.stockpoint_id, a.share, a.most
    FROM unnest(%(groups)s::text[], %(shares)s::int[], %(mosts)s::int[]) AS a(code, share, most)
    JOIN stock_stockpointgroup gr ON gr.code = a.code
    JOIN stock_stockpoint_groups g ON g.stockpointgroup_id = gr.id
), drawn AS MATERIALIZED (
    SELECT v.id AS variant_id, a.stockpoint_id, a.share, a.most,
           hashint8extended(v.id * 100003 + a.stockpoint_id, %(seed)s::bigint) & 1073741823 AS number
    FROM stock_variant v CROSS JOIN assortment a WHERE v.id = ANY(%(variant_ids)s::bigint[])
), units AS MATERIALIZED (
    SELECT variant_id, stockpoint_id, (1 + number / 100 %% most)::integer AS quantity
    FROM drawn WHERE number %% 100 < share ORDER BY variant_id, stockpoint_id
), levels AS (
    INSERT INTO stock_stocklevel (variant_id, stock_point_id, on_hand)
    SELECT variant_id, stockpoint_id, quantity FROM units
    RETURNING id, variant_id, stock_point_id, on_hand
), movements AS (
    INSERT INTO stock_stockmovement
        (variant_id, stock_point_id, kind, reference, quantity, occurred_at, recorded_at, recorded_by)
    SELECT variant_id, stock_point_id, 'receipt', 'stock initial', on_hand, %(at)s, %(at)s, 'system' FROM levels
)
SELECT array_agg(id) FROM levels
"""


# The database writes the statements itself, from what its catalogue knows of the keys. The levels' own key stays:
# other tables refer to it, and levels come in its order.
_KEYS: Final = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint
WHERE (conrelid = 'stock_stocklevel'::regclass AND contype = 'f')
   OR (conrelid = 'stock_stockmovement'::regclass AND contype IN ('f', 'u'))
ORDER BY conrelid, contype DESC, conname
"""


def write_opening_stock(*, seed: int, say: Callable[[str], None]) -> int:
    """Give every variant its levels; how many there are. All of them or, where it is interrupted, none."""
    variant_ids = list(Variant.objects.order_by("pk").values_list("pk", flat=True))
    given = {"seed": seed, "at": clock.now() - timedelta(days=30)}
    written = 0
    with transaction.atomic(), _keys_checked_at_once(say):
        for start in range(0, len(variant_ids), VARIANTS_PER_STEP):
            step = variant_ids[start : start + VARIANTS_PER_STEP]
            written += _write_step({"variant_ids": step, **given})
            done = start + len(step)
            if done == len(variant_ids) or done % (VARIANTS_PER_STEP * 5) == 0:
                say(f"stock: {written:,} levels, {100 * done // len(variant_ids)} %")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE stock_stocklevel, stock_stockmovement, stock_variant, stock_product")
    return written


@contextmanager
def _keys_checked_at_once(say: Callable[[str], None]) -> Iterator[None]:
    """Within a transaction, which nobody else can write to these tables in."""
    with connection.cursor() as cursor:
        # A table that something deferred is still to be checked of cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute(_KEYS)
        keys = cursor.fetchall()
        for drop, _ in keys:
            cursor.execute(drop)
        yield
        say("stock: keys")
        for _, add in reversed(keys):
            cursor.execute(add)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _write_step(given: Mapping[str, Any]) -> int:
    shares, mosts = zip(*ASSORTMENT.values(), strict=True)
    parameters = {**given, "groups": list(ASSORTMENT), "shares": list(shares), "mosts": list(mosts)}
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, parameters)
        (level_ids,) = cursor.fetchone()
    apply_protection(level_ids=level_ids or [])
    return len(level_ids or [])
