"""Making held units firm, and taking a reservation apart. Neither changes what is reserved of a level."""

from collections.abc import Sequence
from typing import Final

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.errors import Invalid, StateConflict
from oms.core.retrying import retry_on_conflict
from stock.errors import ReservationExpired
from stock.models import Reservation
from stock.states import RESERVATION_MOVES, ReservationState

_SPLIT: Final = """
INSERT INTO stock_reservation
    (owner, channel_id, variant_id, stock_point_id, quantity, state, expires_at, created_at, expected_receipt_id,
     allotment_counter_id)
SELECT owner, channel_id, variant_id, stock_point_id, %(quantity)s, state, expires_at, created_at, expected_receipt_id,
       allotment_counter_id
FROM stock_reservation WHERE id = %(id)s
RETURNING id
"""


@retry_on_conflict
@transaction.atomic
def confirm_reservations(*, ids: Sequence[int], owner: str | None = None) -> None:
    """Held → confirmed for good, under a new owner where given; confirmed ones stay so.

    Raises `ReservationExpired` when the time of one is over, swept or not, and `StateConflict` when one
    has ended otherwise; then none is confirmed.
    """
    now = clock.now()
    wanted = Reservation.objects.filter(pk__in=ids)
    for reservation in wanted.order_by("pk").select_for_update(no_key=True):
        is_late = reservation.expires_at is not None and reservation.expires_at <= now
        if reservation.state == ReservationState.EXPIRED or (reservation.state == ReservationState.HELD and is_late):
            raise ReservationExpired(data={"state": ReservationState.EXPIRED, "reservation": reservation.pk})
        if reservation.ended_at is not None:
            raise StateConflict(
                f"Reservation {reservation.pk} is {reservation.state}.",
                data={"state": reservation.state, "reservation": reservation.pk},
            )
    RESERVATION_MOVES.move_all(wanted, frm=ReservationState.HELD, to=ReservationState.CONFIRMED, expires_at=None)
    if owner is not None:
        wanted.update(owner=owner)


@transaction.atomic
def split_reservation(*, id: int, quantity: int) -> int:
    """Take `quantity` units off a live reservation into one of their own, with all else the same; its id."""
    if quantity <= 0:
        raise Invalid(gettext_noop("At least one unit must be taken off."))
    rows = Reservation.objects.live().filter(pk=id, quantity__gt=quantity)
    if not rows.update(quantity=F("quantity") - quantity):
        state = Reservation.objects.filter(pk=id).values_list("state", flat=True).first()
        raise StateConflict(
            f"Reservation {id} is {state or 'unknown'} or has no unit to spare.",
            data={"state": state, "reservation": id},
        )
    with connection.cursor() as cursor:
        cursor.execute(_SPLIT, {"id": id, "quantity": quantity})
        row: tuple[int] = cursor.fetchone()
    return row[0]
