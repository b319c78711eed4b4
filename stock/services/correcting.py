"""What people in a shop find out about single levels: units that are not there, or cannot be sold."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.retrying import retry_on_conflict
from stock.models import MovementKind, StockLevel, StockMovement, Unavailability, UnavailableReason
from stock.queries.availability import LevelKey
from stock.services.announcing import announce_raised, announce_short
from stock.services.levelling import ensure_levels
from stock.services.locking import lock_level_keys

_CHANGE: Final = """
UPDATE stock_stocklevel
SET on_hand = on_hand + %(on_hand)s, unavailable = greatest(0, unavailable + %(unavailable)s)
WHERE id = %(level_id)s
"""
# Entry after entry, never below zero (see `unavailable_sql`).
_CHANGE_ALL: Final = """
UPDATE stock_stocklevel s SET unavailable = s.unavailable + w.quantity - least(0, s.unavailable + w.lowest)
FROM (
    SELECT level_id, sum(quantity)::integer AS quantity, min(running)::integer AS lowest FROM (
        SELECT level_id, quantity, sum(quantity) OVER (PARTITION BY level_id ORDER BY place) AS running
        FROM unnest(%(level_ids)s::bigint[], %(quantities)s::integer[]) WITH ORDINALITY AS e(level_id, quantity, place)
    ) entries GROUP BY level_id
) w WHERE s.id = w.level_id
"""


@retry_on_conflict
@transaction.atomic
def correct_not_found(*, variant_id: int, stock_point_id: int, units_known: int, reference: str) -> int:
    """Somebody looked and found only `units_known` units: an `adjustment` brings on hand down to them.

    Never up. The units taken off; 0 when there were no more, or when the reference was used before.
    """
    level = _locked_level(variant_id, stock_point_id)
    excess = level.on_hand - units_known
    if excess <= 0:
        return 0
    now = clock.now()
    _, is_new = StockMovement.objects.get_or_create(
        variant_id=variant_id,
        stock_point_id=stock_point_id,
        kind=MovementKind.ADJUSTMENT,
        reference=reference,
        defaults={
            "quantity": -excess,
            "occurred_at": now,
            "recorded_at": now,
            "recorded_by": current_actor(),
        },
    )
    if not is_new:
        return 0
    _change(level, on_hand=-excess)
    announce_short([level.pk])
    return excess


@retry_on_conflict
@transaction.atomic
def mark_unavailable(*, variant_id: int, stock_point_id: int, quantity: int, reason: str, reference: str) -> bool:
    """Units that are there but cannot be sold; a negative quantity makes units sellable again.

    Each reason and reference counts once for a level: False when it did before.
    """
    level = _locked_level(variant_id, stock_point_id)
    _, is_new = Unavailability.objects.get_or_create(
        level=level,
        reason=UnavailableReason(reason),
        reference=reference,
        defaults={"quantity": quantity, "recorded_at": clock.now(), "recorded_by": current_actor()},
    )
    if not is_new:
        return False
    _change(level, unavailable=quantity)
    if quantity > 0:
        announce_short([level.pk])
    else:
        announce_raised([variant_id])
    return True


@dataclass(frozen=True, slots=True)
class Unsellable:
    """So many units of a level that cannot be sold any more, or can again (negative), and why."""

    variant_id: int
    stock_point_id: int
    quantity: int
    reason: str

    @property
    def level(self) -> LevelKey:
        return self.variant_id, self.stock_point_id


@retry_on_conflict
@transaction.atomic
def mark_all_unavailable(*, entries: Sequence[Unsellable], reference: str) -> None:
    """As `mark_unavailable`, many levels in a fixed number of statements. An entry known before is passed over."""
    if not entries:
        return
    keys = {entry.level for entry in entries}
    ensure_levels(keys)
    levels = lock_level_keys(keys)
    told = [(levels[entry.level], entry) for entry in entries]
    known = set(
        Unavailability.objects.filter(level__in=levels.values(), reference=reference).values_list("level_id", "reason")
    )
    new = [(level_id, entry) for level_id, entry in told if (level_id, entry.reason) not in known]
    now, actor = clock.now(), current_actor()
    Unavailability.objects.bulk_create(
        Unavailability(
            level_id=level_id,
            quantity=entry.quantity,
            reason=UnavailableReason(entry.reason),
            reference=reference,
            recorded_at=now,
            recorded_by=actor,
        )
        for level_id, entry in new
    )
    sums: Counter[int] = Counter()
    for level_id, entry in new:
        sums[level_id] += entry.quantity
    with connection.cursor() as cursor:
        changes = {"level_ids": [level_id for level_id, _ in new], "quantities": [entry.quantity for _, entry in new]}
        cursor.execute(_CHANGE_ALL, changes)
    announce_short(level_id for level_id, quantity in sums.items() if quantity > 0)
    announce_raised(entry.variant_id for level_id, entry in new if sums[level_id] < 0)


def _locked_level(variant_id: int, stock_point_id: int) -> StockLevel:
    key = (variant_id, stock_point_id)
    ensure_levels([key])
    return StockLevel.objects.get(pk=lock_level_keys([key])[key])


def _change(level: StockLevel, *, on_hand: int = 0, unavailable: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, {"on_hand": on_hand, "unavailable": unavailable, "level_id": level.pk})
