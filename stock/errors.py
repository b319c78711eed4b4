"""What stock refuses, and why."""

from django.utils.translation import gettext_noop

from oms.core.errors import Invalid, NotFound, OmsError, StateConflict


class InsufficientStock(OmsError):
    """Less is free than was asked; nothing was taken. `data["lines"]`: every short SKU with what is available."""

    code = "insufficient_stock"
    status = 409
    default_detail = gettext_noop("There is not enough stock.")


class UnknownSku(NotFound):
    code = "unknown_sku"
    default_detail = gettext_noop("There is no such SKU.")


class UnknownChannel(NotFound):
    code = "unknown_channel"
    default_detail = gettext_noop("There is no such sales channel.")


class UnknownStockPoint(NotFound):
    code = "unknown_stock_point"
    default_detail = "There is no such stock point."


class OwnCount(StateConflict):
    """Nobody approves what they have counted or submitted themselves."""

    code = "own_count"
    default_detail = gettext_noop("Somebody else has to approve what you have counted.")


class PreviewTooLarge(OmsError):
    """`data["waited_ms"]`: after how long it was given up."""

    code = "preview_too_large"
    status = 422
    default_detail = gettext_noop(
        "This rule touches too many levels to be counted while a program waits: preview a narrower one, or look at "
        "it in the admin, which counts in the background."
    )


class DuplicateReference(OmsError):
    """The reference is taken by something else."""

    code = "duplicate_reference"
    status = 409
    default_detail = gettext_noop("This reference is in use for something else.")


class ReservationExpired(StateConflict):
    """Held units whose time is over cannot be kept any more."""

    default_detail = gettext_noop("The reservation has expired.")


class UnknownSkuGiven(Invalid):
    """A body names a SKU that does not exist."""

    code = "unknown_sku"
