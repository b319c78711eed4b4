"""The life of a reservation."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from oms.core.states import Moves


class ReservationState(TextChoices):
    """`held` lapses at its `expires_at`; `confirmed` stays until the goods leave or it is given back."""

    HELD = "held", _("held")
    CONFIRMED = "confirmed", _("confirmed")
    CONSUMED = "consumed", _("consumed")
    RELEASED = "released", _("released")
    EXPIRED = "expired", _("expired")


# The states that count in a level's `reserved`.
LIVE_STATES = (ReservationState.HELD, ReservationState.CONFIRMED)

RESERVATION_MOVES = Moves(
    "reservation",
    ReservationState,
    {
        ReservationState.HELD: {
            ReservationState.CONFIRMED,
            ReservationState.CONSUMED,
            ReservationState.RELEASED,
            ReservationState.EXPIRED,
        },
        ReservationState.CONFIRMED: {ReservationState.CONSUMED, ReservationState.RELEASED},
        ReservationState.CONSUMED: set(),
        ReservationState.RELEASED: set(),
        ReservationState.EXPIRED: set(),
    },
)
