"""What orders refuse, and how they say so."""

from oms.core.errors import Invalid, OmsError


class OfferTaken(OmsError):
    """`data`: who took it (`claimed_by`) and when (`claimed_at`)."""

    code = "offer_taken"
    status = 409
    default_detail = "Somebody else has taken this work."


class LabelPending(OmsError):
    code = "label_pending"
    status = 425
    default_detail = "The label is being made; ask again in a moment."


class WrongPickupCode(OmsError):
    """`data["tries_left"]` before the code is locked."""

    code = "wrong_pickup_code"
    status = 422
    default_detail = "This is not the code of this pickup."


class PickupLocked(OmsError):
    code = "pickup_locked"
    status = 409
    default_detail = "The code was mistyped five times; customer service must check the customer's identity."


class QuantityMismatch(Invalid):
    """The quantities given do not fit the work; `errors` says which, by SKU."""

    code = "quantity_mismatch"
    default_detail = "The quantities do not fit this work."
