"""Movements reported to us: facts, always recorded, each once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.actors import current_actor
from oms.core.bulk import BulkResult, Row
from oms.core.retrying import retry_on_conflict
from stock.feeds.coverage import absorbed, hold_late_movements_back
from stock.models import ARRIVING_KINDS, REPORTED_KINDS, MovementKind
from stock.queries.availability import LevelKey
from stock.queries.codes import stock_points_by_code, variants_by_sku
from stock.services.announcing import announce_raised, announce_short
from stock.services.awaiting import Arrival, receive_expected
from stock.services.correcting import correct_not_found, mark_unavailable
from stock.services.levelling import ensure_levels
from stock.services.locking import columns_of, lock_level_keys

__all__ = ["correct_not_found", "mark_unavailable", "record_movements"]

# Another system's clock may run ahead of ours by this much.
AHEAD_AT_MOST: Final = timedelta(minutes=15)

_KNOWN: Final = """
SELECT m.variant_id, m.stock_point_id, m.kind, m.reference, m.quantity
FROM unnest(%(variant_ids)s::bigint[], %(stock_point_ids)s::bigint[], %(kinds)s::text[], %(references)s::text[])
     AS w(variant_id, stock_point_id, kind, reference)
JOIN stock_ledger m USING (variant_id, stock_point_id, kind, reference)
"""
_WRITE: Final = """
INSERT INTO stock_stockmovement
    (variant_id, stock_point_id, kind, reference, quantity, occurred_at, recorded_at, recorded_by)
SELECT w.*, %(at)s, %(actor)s
FROM unnest(%(variant_ids)s::bigint[], %(stock_point_ids)s::bigint[], %(kinds)s::text[], %(references)s::text[],
            %(quantities)s::integer[], %(occurred)s::timestamptz[]) AS w
"""
_ADD_TO_LEVELS: Final = """
UPDATE stock_stocklevel s SET on_hand = s.on_hand + w.quantity
FROM unnest(%(variant_ids)s::bigint[], %(stock_point_ids)s::bigint[], %(quantities)s::integer[])
     AS w(variant_id, stock_point_id, quantity)
WHERE s.variant_id = w.variant_id AND s.stock_point_id = w.stock_point_id
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """A reported movement whose codes are resolved; `index` is its row's place in the request."""

    index: int
    variant_id: int
    stock_point_id: int
    kind: MovementKind
    reference: str
    quantity: int
    occurred_at: datetime

    @property
    def level(self) -> LevelKey:
        return self.variant_id, self.stock_point_id

    @property
    def key(self) -> tuple[int, int, str, str]:
        return self.variant_id, self.stock_point_id, str(self.kind), self.reference


def record_movements(*, rows: Sequence[Row], access: Access = EVERYTHING) -> BulkResult:
    """Record rows of `{sku, stock_point, quantity, kind, reference, occurred_at}`.

    A repeat (same kind, reference, SKU and stock point) is `unchanged`; with another quantity it is
    refused as `duplicate_reference`. What happened before a feed's figure was taken and is told only
    now is recorded with an `absorbed` movement that takes it back: the figure already counted it.
    """
    result = BulkResult()
    facts = _resolved(rows, access, result)
    if facts:
        recorded = _record(facts)
        result.created, result.unchanged = recorded.created, recorded.unchanged
        result.errors.extend(recorded.errors)
    return result


def _resolved(rows: Sequence[Row], access: Access, result: BulkResult) -> list[Fact]:
    variants = variants_by_sku(row["sku"] for row in rows)
    points = stock_points_by_code((row["stock_point"] for row in rows), access)
    latest = clock.now() + AHEAD_AT_MOST
    facts = []
    for row in rows:
        variant, point = variants.get(row["sku"]), points.get(row["stock_point"])
        if variant is None:
            result.refuse(row.index, "unknown_sku", f"There is no SKU {row['sku']}.")
        elif point is None:
            result.refuse(row.index, "unknown_stock_point", f"There is no stock point {row['stock_point']}.")
        elif row["kind"] not in REPORTED_KINDS:
            result.refuse(row.index, "invalid", f"kind: {row['kind']} is not reported but written by the product.")
        elif row["occurred_at"] > latest:
            result.refuse(row.index, "invalid", gettext_noop("occurred_at: this has not happened yet."))
        else:
            kind = MovementKind(row["kind"])
            facts.append(Fact(row.index, variant, point, kind, row["reference"], row["quantity"], row["occurred_at"]))
    return facts


@retry_on_conflict
@transaction.atomic
def _record(facts: Sequence[Fact]) -> BulkResult:
    result = BulkResult()
    hold_late_movements_back()
    keys = {fact.level for fact in facts}
    ensure_levels(keys)
    levels = lock_level_keys(keys)
    new = _unknown(facts, result)
    if not new:
        return result
    late = absorbed([(fact.variant_id, fact.stock_point_id, fact.occurred_at) for fact in new])
    counted = [fact for fact, is_late in zip(new, late, strict=True) if not is_late]
    _write(new, [fact for fact, is_late in zip(new, late, strict=True) if is_late])
    sums = _add_to_levels(counted, [fact.level for fact in new])
    _receive(new)
    announce_raised(variant for (variant, _), quantity in sums.items() if quantity > 0)
    announce_short(levels[key] for key, quantity in sums.items() if quantity < 0)
    result.created = len(new)
    return result


def _receive(facts: Sequence[Fact]) -> None:
    """What was expected has come, also where a feed has counted it already."""
    arrivals = [
        Arrival(fact.variant_id, fact.stock_point_id, fact.reference, fact.quantity)
        for fact in facts
        if fact.kind in ARRIVING_KINDS and fact.quantity > 0
    ]
    if arrivals:
        receive_expected(arrivals)


def _unknown(facts: Sequence[Fact], result: BulkResult) -> list[Fact]:
    """The facts the ledger does not have yet. The levels are locked, so nobody adds one meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, _columns([fact.key for fact in facts]))
        known = {tuple(key): quantity for *key, quantity in cursor.fetchall()}
    new = []
    for fact in facts:
        quantity = known.get(fact.key)
        if quantity is None:
            known[fact.key] = fact.quantity
            new.append(fact)
        elif quantity == fact.quantity:
            result.unchanged += 1
        else:
            result.refuse(
                fact.index, "duplicate_reference", f"{fact.kind} {fact.reference} is known with {quantity} units."
            )
    return new


def _write(facts: Sequence[Fact], late: Sequence[Fact]) -> None:
    rows = [(*fact.key, fact.quantity, fact.occurred_at) for fact in facts]
    # Named after what it takes back, so that two kinds under one reference do not collide.
    rows += [
        (*fact.level, MovementKind.ABSORBED.value, f"{fact.kind}:{fact.reference}", -fact.quantity, fact.occurred_at)
        for fact in late
    ]
    *keys, quantities, occurred = zip(*rows, strict=True)
    parameters = {**_columns(list(zip(*keys, strict=True))), "quantities": list(quantities), "occurred": list(occurred)}
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {**parameters, "at": clock.now(), "actor": current_actor()})


def _add_to_levels(facts: Sequence[Fact], levels: Sequence[LevelKey]) -> dict[LevelKey, int]:
    """Also those to which nothing is added: by its being written a feed learns that the ledger has more of a level."""
    sums = dict.fromkeys(levels, 0)
    for fact in facts:
        sums[fact.level] += fact.quantity
    with connection.cursor() as cursor:
        cursor.execute(_ADD_TO_LEVELS, {**columns_of(sums), "quantities": [sums[key] for key in sorted(sums)]})
    return sums


def _columns(keys: Sequence[tuple[int, int, str, str]]) -> dict[str, list[int] | list[str]]:
    variants, points, kinds, references = zip(*keys, strict=True)
    return {
        "variant_ids": list(variants),
        "stock_point_ids": list(points),
        "kinds": list(kinds),
        "references": list(references),
    }
