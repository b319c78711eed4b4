"""What returns refuse, and how they say so."""

from django.utils.translation import gettext_noop

from oms.core.errors import Invalid, NotFound, OmsError
from orders.errors import LabelPending, QuantityMismatch, UnknownSku, UnknownStockPoint

__all__ = [
    "AmbiguousReceipt",
    "LabelPending",
    "NotCaptured",
    "NotInspected",
    "NotReturnable",
    "NothingToRefund",
    "PaidElsewhere",
    "PinLocked",
    "QuantityMismatch",
    "ReturnsNotAccepted",
    "UnknownOrder",
    "UnknownReason",
    "UnknownSku",
    "UnknownStockPoint",
    "WeakPin",
    "WrongPin",
]


class UnknownOrder(NotFound):
    code = "unknown_order"
    default_detail = gettext_noop("There is no order with this number or receipt.")


class AmbiguousReceipt(Invalid):
    """`data["orders"]`: the numbers of the orders that have this reference."""

    code = "ambiguous_receipt"
    default_detail = gettext_noop("Several orders have this reference: give the order's number.")


class NotReturnable(OmsError):
    """`data["lines"]`: by SKU what is asked, how many units can be returned, and why not more.

    `why` is `not_left`, `returned_before`, `window_over` or `category_excluded`.
    """

    code = "not_returnable"
    status = 409
    default_detail = gettext_noop("These units cannot be returned.")


class UnknownReason(Invalid):
    """`data["reasons"]`: the codes this banner knows."""

    code = "unknown_reason"
    default_detail = gettext_noop("This banner does not know the reason.")


class ReturnsNotAccepted(Invalid):
    code = "returns_not_accepted"
    default_detail = gettext_noop("This stock point takes no returns.")


class NotInspected(OmsError):
    """`data["lines"]`: by SKU how many of the received units nobody has looked at."""

    code = "not_inspected"
    status = 409
    default_detail = gettext_noop("What came back must be inspected first.")


class NotCaptured(OmsError):
    """`data`: what is `owed`, and what was `captured` so far."""

    code = "not_captured"
    status = 409
    default_detail = gettext_noop("The money for these goods is not captured yet; it can be refunded once it is.")


class PaidElsewhere(OmsError):
    code = "paid_elsewhere"
    status = 409
    default_detail = gettext_noop("This order was not paid here: the channel that took the money gives it back.")


class NothingToRefund(OmsError):
    code = "nothing_to_refund"
    status = 409
    default_detail = gettext_noop("Nothing is left to refund for these goods.")


class WeakPin(Invalid):
    code = "weak_pin"
    default_detail = gettext_noop("This PIN is too easy to guess.")


class WrongPin(OmsError):
    """`data["tries_left"]` before the PIN is locked."""

    code = "wrong_pin"
    status = 422
    default_detail = gettext_noop("This is not the manager's PIN.")


class PinLocked(OmsError):
    code = "pin_locked"
    status = 409
    default_detail = gettext_noop("The PIN was mistyped five times; its owner must set another.")
