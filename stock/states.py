"""The life of a reservation, and of a stock import."""

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


class StockImportState(TextChoices):
    """`staged`: read and checked, nothing written yet. `applied` and `refused` are final."""

    QUEUED = "queued", _("queued")
    STAGED = "staged", _("staged")
    AWAITING_APPROVAL = "awaiting_approval", _("awaiting approval")
    APPLYING = "applying", _("applying")
    APPLIED = "applied", _("applied")
    REFUSED = "refused", _("refused")


STOCK_IMPORT_MOVES = Moves(
    "stock_import",
    StockImportState,
    {
        StockImportState.QUEUED: {StockImportState.STAGED, StockImportState.REFUSED},
        StockImportState.STAGED: {
            StockImportState.AWAITING_APPROVAL,
            StockImportState.APPLYING,
            StockImportState.REFUSED,
        },
        # Approved while another import of its source is being applied, it waits for its turn as staged.
        StockImportState.AWAITING_APPROVAL: {
            StockImportState.STAGED,
            StockImportState.APPLYING,
            StockImportState.REFUSED,
        },
        StockImportState.APPLYING: {StockImportState.APPLIED},
        StockImportState.APPLIED: set(),
        StockImportState.REFUSED: set(),
    },
)
