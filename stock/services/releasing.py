"""Giving reserved units back: on request, or because their time is over."""

from collections.abc import Sequence
from typing import Final

from django.db import transaction

from oms.core import clock
from oms.core.events import emit_many
from oms.core.retrying import retry_on_conflict
from stock.models import Reservation
from stock.services.announcing import announce_raised
from stock.services.closing import close_live
from stock.services.locking import lock_levels_of_reservations
from stock.states import LIVE_STATES, ReservationState

EXPIRED_PER_TRANSACTION: Final = 500


@retry_on_conflict
@transaction.atomic
def release_reservations(*, ids: Sequence[int]) -> None:
    """Held or confirmed → released. Those no longer live are passed over: releasing twice is harmless."""
    if not ids:
        return
    lock_levels_of_reservations(ids)
    freed = close_live(ids=ids, into=ReservationState.RELEASED, frm=LIVE_STATES)
    announce_raised(variant for variant, _ in freed)


def expire_reservations(*, limit: int = 10_000) -> int:
    """Held beyond their time → expired, in transactions of a few hundred; how many."""
    total = 0
    while total < limit:
        expired = _expire_some(min(EXPIRED_PER_TRANSACTION, limit - total))
        total += expired
        if not expired:
            break
    return total


@retry_on_conflict
@transaction.atomic
def _expire_some(limit: int) -> int:
    lapsed = Reservation.objects.expired(at=clock.now())
    ids = list(lapsed.order_by("expires_at").values_list("pk", flat=True)[:limit])
    if not ids:
        return 0
    lock_levels_of_reservations(ids)
    # Read again under the locks: meanwhile some may have been confirmed or given a later end.
    still = list(lapsed.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",)).values_list("pk", "owner"))
    freed = close_live(
        ids=[reservation for reservation, _ in still], into=ReservationState.EXPIRED, frm=[ReservationState.HELD]
    )
    announce_raised(variant for variant, _ in freed)
    owners: dict[str, list[int]] = {}
    for reservation, owner in still:
        owners.setdefault(owner, []).append(reservation)
    emit_many(
        "reservation.expired",
        [{"owner": owner, "reservation_ids": reservations} for owner, reservations in owners.items()],
    )
    return len(still)
