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


class StockCountState(TextChoices):
    """`open`: being counted. `submitted`: differences wait for whoever approves. The others are final."""

    OPEN = "open", _("open")
    SUBMITTED = "submitted", _("submitted")
    APPLIED = "applied", _("applied")
    REJECTED = "rejected", _("rejected")


STOCK_COUNT_MOVES = Moves(
    "stock_count",
    StockCountState,
    {
        StockCountState.OPEN: {StockCountState.SUBMITTED, StockCountState.REJECTED},
        # Something was forgotten: counted on.
        StockCountState.SUBMITTED: {StockCountState.OPEN, StockCountState.APPLIED, StockCountState.REJECTED},
        StockCountState.APPLIED: set(),
        StockCountState.REJECTED: set(),
    },
)


class CatalogueImportState(TextChoices):
    """`checking`: nothing is written, what would be is counted. `checked`: waits for a person."""

    CHECKING = "checking", _("checking")
    CHECKED = "checked", _("checked")
    APPLYING = "applying", _("applying")
    APPLIED = "applied", _("applied")
    REFUSED = "refused", _("refused")


CATALOGUE_IMPORT_MOVES = Moves(
    "catalogue_import",
    CatalogueImportState,
    {
        CatalogueImportState.CHECKING: {
            CatalogueImportState.CHECKED,
            CatalogueImportState.APPLYING,
            CatalogueImportState.REFUSED,
        },
        CatalogueImportState.CHECKED: {CatalogueImportState.APPLYING, CatalogueImportState.REFUSED},
        CatalogueImportState.APPLYING: {CatalogueImportState.APPLIED},
        CatalogueImportState.APPLIED: set(),
        CatalogueImportState.REFUSED: set(),
    },
)


class TransferState(TextChoices):
    """`proposed`: nothing is kept yet. `accepted`: the giver's units are reserved and the receiver expects them."""

    PROPOSED = "proposed", _("proposed")
    ACCEPTED = "accepted", _("accepted")
    SHIPPED = "shipped", _("on the way")
    RECEIVED = "received", _("received")
    REJECTED = "rejected", _("rejected")
    CANCELLED = "cancelled", _("cancelled")


TRANSFER_MOVES = Moves(
    "transfer",
    TransferState,
    {
        TransferState.PROPOSED: {TransferState.ACCEPTED, TransferState.REJECTED},
        TransferState.ACCEPTED: {TransferState.SHIPPED, TransferState.CANCELLED},
        # What never came of it is written off with the last receipt.
        TransferState.SHIPPED: {TransferState.RECEIVED},
        TransferState.RECEIVED: set(),
        TransferState.REJECTED: set(),
        TransferState.CANCELLED: set(),
    },
)
