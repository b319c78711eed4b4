"""What people in a shop find out about single levels: units that are not there, or cannot be sold."""

from typing import Final

from django.db import connection, transaction

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.retrying import retry_on_conflict
from stock.models import MovementKind, StockLevel, StockMovement, Unavailability, UnavailableReason
from stock.services.announcing import announce_raised, announce_short
from stock.services.levelling import ensure_levels
from stock.services.locking import lock_level_keys

_CHANGE: Final = """
UPDATE stock_stocklevel
SET on_hand = on_hand + %(on_hand)s, unavailable = greatest(0, unavailable + %(unavailable)s)
WHERE id = %(level_id)s
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


def _locked_level(variant_id: int, stock_point_id: int) -> StockLevel:
    key = (variant_id, stock_point_id)
    ensure_levels([key])
    return StockLevel.objects.get(pk=lock_level_keys([key])[key])


def _change(level: StockLevel, *, on_hand: int = 0, unavailable: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, {"on_hand": on_hand, "unavailable": unavailable, "level_id": level.pk})
