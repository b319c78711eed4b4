"""What orders refuse, and how they say so."""

from django.utils.translation import gettext_noop

from oms.core.errors import Invalid, OmsError


class OfferTaken(OmsError):
    """`data`: who took it (`claimed_by`) and when (`claimed_at`)."""

    code = "offer_taken"
    status = 409
    default_detail = gettext_noop("Somebody else has taken this work.")


class LabelPending(OmsError):
    code = "label_pending"
    status = 425
    default_detail = gettext_noop("The label is being made; ask again in a moment.")


class WrongPickupCode(OmsError):
    """`data["tries_left"]` before the code is locked."""

    code = "wrong_pickup_code"
    status = 422
    default_detail = gettext_noop("This is not the code of this pickup.")


class PickupLocked(OmsError):
    code = "pickup_locked"
    status = 409
    default_detail = gettext_noop(
        "The code was mistyped five times; customer service must check the customer's identity."
    )


class QuantityMismatch(Invalid):
    """The quantities given do not fit the work; `errors` says which, by SKU."""

    code = "quantity_mismatch"
    default_detail = gettext_noop("The quantities do not fit this work.")


class UnknownSku(Invalid):
    """`errors`: by the index of the line."""

    code = "unknown_sku"
    default_detail = gettext_noop("An article is not known under this SKU, or no longer sold.")


class UnknownChannel(Invalid):
    code = "unknown_channel"
    default_detail = "There is no such sales channel."


class UnknownStockPoint(Invalid):
    code = "unknown_stock_point"
    default_detail = gettext_noop("There is no such stock point.")


class BadAddress(Invalid):
    """`errors`: the fields of the address that are missing or do not fit."""

    code = "bad_address"
    default_detail = gettext_noop("The address cannot be delivered to.")


class WrongTotal(Invalid):
    """`data`: the order's `total` and what the given payments add up to (`paid`)."""

    code = "wrong_total"
    default_detail = gettext_noop("The given amounts do not add up to the order's total.")


class PromiseMismatch(Invalid):
    """`errors["promise_token"]`: what of the request is not what was promised."""

    code = "promise_mismatch"
    default_detail = gettext_noop("The promise was made for another basket or another way to receive it.")


class PromiseBroken(OmsError):
    """`data["option"]`: the best that can be promised now, as `POST /delivery-promises/` tells it; null for nothing."""

    status = 409


class PromiseExpired(PromiseBroken):
    code = "promise_expired"
    default_detail = gettext_noop("The promise has expired; this is the best that can be promised now.")


class PromiseTaken(PromiseBroken):
    code = "promise_taken"
    default_detail = gettext_noop("What was promised has been taken since; this is the best that can be promised now.")


class DuplicateReference(OmsError):
    """`data["number"]`: the order that has the reference."""

    code = "duplicate_reference"
    status = 409
    default_detail = gettext_noop("Another order of this channel has this external reference and other content.")


class CannotAssign(OmsError):
    """`data`: the `stock_point`, and the `reason` why it cannot serve the order as the engine names it."""

    code = "cannot_assign"
    status = 409
    default_detail = gettext_noop("This stock point cannot serve the order.")


class PaymentRefused(OmsError):
    """`data["payments"]`: gateway, method and failure of each refused payment."""

    code = "payment_refused"
    status = 402
    default_detail = gettext_noop("The payment was refused; nothing is kept for this order.")


class RefundedOtherwise(OmsError):
    """`data["amount"]`: what was asked for under this reference."""

    code = "refunded_otherwise"
    status = 409
    default_detail = gettext_noop("Another amount was refunded under this reference: choose another reference.")


class RefundTooLarge(Invalid):
    """`data["refundable"]`: what is left of the captured money."""

    code = "refund_too_large"
    default_detail = gettext_noop("More cannot be refunded than was captured.")
