"""Units set aside: there, but not for sale, for a reason and perhaps until a moment; and given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.actors import current_actor
from oms.core.audit import record_audits
from oms.core.bulk import BulkResult, Row
from oms.core.retrying import retry_on_conflict
from stock.models import Unavailability
from stock.queries.availability import LevelKey
from stock.queries.codes import stock_points_by_code, variants_by_sku
from stock.services.announcing import announce_raised, announce_short
from stock.services.levelling import ensure_levels
from stock.services.locking import lock_level_keys

RETURNED_PER_TRANSACTION: Final = 500

_KNOWN: Final = """
SELECT u.level_id, u.reason, u.reference, u.quantity, u.expires_at
FROM unnest(%(level_ids)s::bigint[], %(reasons)s::text[], %(references)s::text[]) AS w(level_id, reason, reference)
JOIN stock_unavailability u USING (level_id, reason, reference)
"""
_UNAVAILABLE: Final = "SELECT id, unavailable, on_hand FROM stock_stocklevel WHERE id = ANY(%s::bigint[])"
_WRITE: Final = """
WITH written AS (
    INSERT INTO stock_unavailability
        (level_id, reason, reference, quantity, expires_at, recorded_at, recorded_by)
    SELECT w.*, %(at)s, %(actor)s
    FROM unnest(%(level_ids)s::bigint[], %(reasons)s::text[], %(references)s::text[], %(quantities)s::integer[],
                %(expires)s::timestamptz[]) AS w
    RETURNING level_id, quantity
)
UPDATE stock_stocklevel s SET unavailable = s.unavailable + w.quantity
FROM (SELECT level_id, sum(quantity)::integer AS quantity FROM written GROUP BY level_id) w WHERE s.id = w.level_id
"""
_LOCK_LEVELS: Final = """
SELECT id FROM stock_stocklevel WHERE id IN (
    SELECT level_id FROM stock_unavailability WHERE id = ANY(%(ids)s::bigint[])
) ORDER BY id FOR NO KEY UPDATE
"""
# Under the levels' locks. A figure imported since may have left fewer units unavailable than were set aside:
# no more than there are is given back, to the oldest first.
_GIVE_BACK: Final = """
WITH over AS MATERIALIZED (
    SELECT u.id, u.level_id, u.reason, s.variant_id,
           greatest(0, least(u.quantity, s.unavailable - (sum(u.quantity) OVER (
               PARTITION BY u.level_id ORDER BY u.id) - u.quantity)))::integer AS quantity
    FROM stock_unavailability u JOIN stock_stocklevel s ON s.id = u.level_id
    WHERE u.id = ANY(%(ids)s::bigint[]) AND u.quantity > 0 AND u.ended_at IS NULL
), ended AS (
    UPDATE stock_unavailability u SET ended_at = %(at)s FROM over o WHERE u.id = o.id
), written AS (
    INSERT INTO stock_unavailability (level_id, quantity, reason, reference, recorded_at, recorded_by)
    SELECT level_id, -quantity, reason, 'given-back:' || id, %(at)s, %(actor)s FROM over WHERE quantity > 0 ORDER BY id
), freed AS (
    UPDATE stock_stocklevel s SET unavailable = s.unavailable - o.quantity
    FROM (SELECT level_id, sum(quantity)::integer AS quantity FROM over GROUP BY level_id) o
    WHERE s.id = o.level_id AND o.quantity > 0
)
SELECT id, variant_id, quantity FROM over ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Aside:
    """Units of a level that cannot be sold any more, or can again (negative); `index` is the row's place."""

    index: int
    level: LevelKey
    reason: str
    reference: str
    quantity: int
    expires_at: datetime | None


def set_aside(*, rows: Sequence[Row], access: Access = EVERYTHING) -> BulkResult:
    """Rows of `{sku, stock_point, quantity, reason, reference, expires_at}`; a negative quantity gives units back.

    A repeat (same level, reason and reference) is `unchanged`; with another quantity or end it is refused. Only
    units set aside have an end; never more are set aside than are on hand, reserved ones included, and never more
    are given back than are set aside.
    """
    result = BulkResult()
    asides = _resolved(rows, access, result)
    if asides:
        written = _write(asides)
        result.created, result.unchanged = written.created, written.unchanged
        result.errors.extend(written.errors)
    return result


def give_back(*, ids: Sequence[int]) -> int:
    """Put units that were set aside back on sale, whatever their end; how many. Twice is harmless."""
    return _give_back(list(ids), "unavailability.given_back")[1] if ids else 0


def give_expired_back(*, limit: int = 20_000) -> int:
    """Those whose moment has come, in transactions of a few hundred; how many units are on sale again."""
    total = ended = 0
    while ended < limit:
        over = Unavailability.objects.over(at=clock.now()).order_by("expires_at")
        ids = list(over.values_list("pk", flat=True)[:RETURNED_PER_TRANSACTION])
        if not ids:
            break
        count, units = _give_back(ids, "unavailability.expired")
        ended, total = ended + count, total + units
    return total


@retry_on_conflict
@transaction.atomic
def _give_back(ids: Sequence[int], action: str) -> tuple[int, int]:
    """How many entries were ended, and how many units they gave back."""
    parameters: dict[str, Any] = {"ids": list(ids), "at": clock.now(), "actor": current_actor()}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_LEVELS, parameters)
        # In a statement of its own: it sees whatever was committed before the locks.
        cursor.execute(_GIVE_BACK, parameters)
        rows = cursor.fetchall()
    announce_raised(variant for _, variant, quantity in rows if quantity)
    record_audits(action, [(f"unavailability:{pk}", {"units": quantity}) for pk, _, quantity in rows])
    return len(rows), sum(quantity for _, _, quantity in rows)


def _resolved(rows: Sequence[Row], access: Access, result: BulkResult) -> list[Aside]:
    variants = variants_by_sku(row["sku"] for row in rows)
    points = stock_points_by_code((row["stock_point"] for row in rows), access)
    now = clock.now()
    asides = []
    for row in rows:
        variant, point = variants.get(row["sku"]), points.get(row["stock_point"])
        quantity, expires_at = row["quantity"], row.get("expires_at")
        if variant is None:
            result.refuse(row.index, "unknown_sku", f"There is no SKU {row['sku']}.")
        elif point is None:
            result.refuse(row.index, "unknown_stock_point", f"There is no stock point {row['stock_point']}.")
        elif quantity == 0:
            result.refuse(row.index, "invalid", gettext_noop("quantity: At least one unit must be meant."))
        elif expires_at is not None and quantity < 0:
            result.refuse(row.index, "invalid", gettext_noop("expires_at: Only units that are set aside have an end."))
        elif expires_at is not None and expires_at <= now:
            result.refuse(row.index, "invalid", gettext_noop("expires_at: This is in the past."))
        else:
            asides.append(
                Aside(row.index, (variant, point), str(row["reason"]), row["reference"], quantity, expires_at)
            )
    return asides


@retry_on_conflict
@transaction.atomic
def _write(asides: Sequence[Aside]) -> BulkResult:
    result = BulkResult()
    keys = {aside.level for aside in asides}
    ensure_levels(keys)
    levels = lock_level_keys(keys)
    new = _within_what_is_there(_unknown(asides, levels, result), levels, result)
    if not new:
        return result
    columns: dict[str, Any] = {
        "level_ids": [levels[aside.level] for aside in new],
        "reasons": [aside.reason for aside in new],
        "references": [aside.reference for aside in new],
        "quantities": [aside.quantity for aside in new],
        "expires": [aside.expires_at for aside in new],
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {**columns, "at": clock.now(), "actor": current_actor()})
    announce_short(levels[aside.level] for aside in new if aside.quantity > 0)
    announce_raised(aside.level[0] for aside in new if aside.quantity < 0)
    result.created = len(new)
    return result


def _unknown(asides: Sequence[Aside], levels: dict[LevelKey, int], result: BulkResult) -> list[Aside]:
    columns: dict[str, Any] = {
        "level_ids": [levels[aside.level] for aside in asides],
        "reasons": [aside.reason for aside in asides],
        "references": [aside.reference for aside in asides],
    }
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, columns)
        known = {tuple(key): (quantity, expires_at) for *key, quantity, expires_at in cursor.fetchall()}
    new = []
    for aside in asides:
        key = (levels[aside.level], aside.reason, aside.reference)
        told = known.get(key)
        if told is None:
            known[key] = (aside.quantity, aside.expires_at)
            new.append(aside)
        elif told == (aside.quantity, aside.expires_at):
            result.unchanged += 1
        else:
            result.refuse(aside.index, "duplicate_reference", f"{aside.reference} is known with {told[0]} units.")
    return new


def _within_what_is_there(asides: Sequence[Aside], levels: dict[LevelKey, int], result: BulkResult) -> list[Aside]:
    """Row after row: what sets more aside than is left by then, or gives more back than is aside, is refused.

    A figure that was imported may have more unavailable than there is: then nothing is left to be set aside.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNAVAILABLE, [sorted({levels[aside.level] for aside in asides})])
        rows = cursor.fetchall()
    aside_by_level = {level: unavailable for level, unavailable, _ in rows}
    on_hand = {level: units for level, _, units in rows}
    kept = []
    for aside in asides:
        level = levels[aside.level]
        already = aside_by_level[level]
        left = max(0, on_hand[level] - already)
        if already + aside.quantity < 0:
            result.refuse(aside.index, "invalid", f"quantity: Only {already} units are set aside there.")
        elif aside.quantity > left:
            result.refuse(aside.index, "invalid", f"quantity: Only {left} units can be set aside there.")
        else:
            aside_by_level[level] += aside.quantity
            kept.append(aside)
    return kept
