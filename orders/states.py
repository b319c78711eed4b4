"""States of orders' objects and the table of their allowed moves."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from oms.core.states import Moves


class Mode(TextChoices):
    HOME = "home", _("Home delivery")
    EXPRESS = "express", _("Express delivery")
    SLOT = "slot", _("Delivery in a slot")
    RELAY = "relay", _("Relay point")
    PICKUP = "pickup", _("Click and collect")
    SHIP_TO_STORE = "ship_to_store", _("Ship to store")
    E_RESERVATION = "e_reservation", _("e-Reservation")
    CARRY_OUT = "carry_out", _("Carry out")

    @classmethod
    def delivered(cls) -> frozenset[str]:
        """Brought to the customer, or near."""
        return frozenset({cls.HOME, cls.EXPRESS, cls.SLOT, cls.RELAY})

    @classmethod
    def collected(cls) -> frozenset[str]:
        """The customer comes to a store for it."""
        return frozenset({cls.PICKUP, cls.SHIP_TO_STORE, cls.E_RESERVATION})


class OrderState(TextChoices):
    PENDING_PAYMENT = "pending_payment", pgettext_lazy("order", "Pending payment")
    CONFIRMED = "confirmed", pgettext_lazy("order", "Confirmed")
    IN_PROGRESS = "in_progress", pgettext_lazy("order", "In progress")
    PARTIALLY_FULFILLED = "partially_fulfilled", pgettext_lazy("order", "Partially fulfilled")
    FULFILLED = "fulfilled", pgettext_lazy("order", "Fulfilled")
    CLOSED = "closed", pgettext_lazy("order", "Closed")
    CANCELLED = "cancelled", pgettext_lazy("order", "Cancelled")
    EXPIRED = "expired", pgettext_lazy("order", "Expired")


ORDER_MOVES = Moves(
    "order",
    OrderState,
    {
        OrderState.PENDING_PAYMENT: {OrderState.CONFIRMED, OrderState.CANCELLED, OrderState.EXPIRED},
        # A decline or a re-route can take the last accepted slice away: in_progress falls back to confirmed.
        OrderState.CONFIRMED: {
            OrderState.IN_PROGRESS,
            OrderState.PARTIALLY_FULFILLED,
            OrderState.FULFILLED,
            OrderState.CANCELLED,
        },
        OrderState.IN_PROGRESS: {
            OrderState.CONFIRMED,
            OrderState.PARTIALLY_FULFILLED,
            OrderState.FULFILLED,
            OrderState.CANCELLED,
        },
        OrderState.PARTIALLY_FULFILLED: {OrderState.FULFILLED},
        OrderState.FULFILLED: {OrderState.CLOSED},
        OrderState.CLOSED: set(),
        OrderState.CANCELLED: set(),
        # Paid after all, once it had expired: its goods are reserved anew.
        OrderState.EXPIRED: {OrderState.CONFIRMED},
    },
)


class AllocationState(TextChoices):
    RESERVED = "reserved", _("Reserved")
    OFFERED = "offered", _("Offered")
    ASSIGNED = "assigned", _("Assigned")
    PICKING = "picking", _("Picking")
    PICKED = "picked", _("Picked")
    PACKED = "packed", _("Packed")
    IN_TRANSFER = "in_transfer", _("In transfer")
    SHIPPED = "shipped", _("Shipped")
    READY_FOR_PICKUP = "ready_for_pickup", _("Ready for pickup")
    DELIVERED = "delivered", _("Delivered")
    COLLECTED = "collected", _("Collected")
    DECLINED = "declined", _("Declined")
    SHORT_PICKED = "short_picked", _("Short picked")
    BACKORDERED = "backordered", _("Back-ordered")
    UNFILLABLE = "unfillable", _("Unfillable")
    CANCELLED = "cancelled", _("Cancelled")

    @classmethod
    def history(cls) -> frozenset[str]:
        """Slices replaced by another slice: kept to tell the story, not counted in the line's quantity."""
        return frozenset({cls.DECLINED, cls.SHORT_PICKED})

    @classmethod
    def reserving(cls) -> frozenset[str]:
        """Slices that may hold units through a live reservation: of a stock level, or, back-ordered, of a receipt."""
        at_work = {cls.OFFERED, cls.ASSIGNED, cls.PICKING, cls.PICKED, cls.PACKED}
        return frozenset({cls.RESERVED, cls.UNFILLABLE, cls.BACKORDERED, *at_work})

    @classmethod
    def done(cls) -> frozenset[str]:
        """Slices that have left the stock point for the customer."""
        return frozenset({cls.SHIPPED, cls.DELIVERED, cls.COLLECTED})


_A = AllocationState
_GIVEN_UP = {_A.DECLINED, _A.CANCELLED}

ALLOCATION_MOVES = Moves(
    "allocation",
    AllocationState,
    {
        _A.RESERVED: {_A.OFFERED, _A.ASSIGNED, _A.UNFILLABLE, _A.BACKORDERED, _A.COLLECTED, _A.CANCELLED},
        _A.OFFERED: {_A.RESERVED, _A.ASSIGNED, _A.PICKING, *_GIVEN_UP},
        _A.ASSIGNED: {_A.RESERVED, _A.PICKING, _A.PICKED, _A.SHORT_PICKED, *_GIVEN_UP},
        _A.PICKING: {_A.PICKED, _A.SHORT_PICKED, *_GIVEN_UP},
        _A.PICKED: {_A.PACKED, _A.READY_FOR_PICKUP, *_GIVEN_UP},
        _A.PACKED: {_A.SHIPPED, _A.IN_TRANSFER, _A.READY_FOR_PICKUP, _A.CANCELLED},
        _A.IN_TRANSFER: {_A.READY_FOR_PICKUP},
        _A.SHIPPED: {_A.DELIVERED},
        _A.READY_FOR_PICKUP: {_A.COLLECTED, _A.CANCELLED},
        _A.BACKORDERED: {_A.RESERVED, _A.CANCELLED},
        _A.UNFILLABLE: {_A.RESERVED, _A.BACKORDERED, _A.CANCELLED},
        _A.DELIVERED: set(),
        _A.COLLECTED: set(),
        _A.DECLINED: set(),
        _A.SHORT_PICKED: set(),
        _A.CANCELLED: set(),
    },
)


class FulfilmentState(TextChoices):
    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    PICKING = "picking", _("Picking")
    PACKED = "packed", _("Packed")
    READY_FOR_PICKUP = "ready_for_pickup", _("Ready for pickup")
    HANDED_OVER = "handed_over", _("Handed over")
    COMPLETED = "completed", _("Completed")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")

    @classmethod
    def live(cls) -> frozenset[str]:
        return frozenset({cls.OFFERED, cls.ACCEPTED, cls.PICKING, cls.PACKED, cls.READY_FOR_PICKUP, cls.HANDED_OVER})


class Milestone(TextChoices):
    """The steps that lead to a promised day, each with the last moment at which it keeps it."""

    CONFIRM = "confirm", pgettext_lazy("milestone", "Confirm")
    RELEASE = "release", pgettext_lazy("milestone", "Release")
    ACCEPT = "accept", pgettext_lazy("milestone", "Accept")
    HAND_OVER = "hand_over", pgettext_lazy("milestone", "Hand over")


class MilestoneState(TextChoices):
    WAITING = "waiting", pgettext_lazy("milestone", "To come")
    MET = "met", pgettext_lazy("milestone", "In time")
    MET_LATE = "met_late", pgettext_lazy("milestone", "Late")
    MISSED = "missed", pgettext_lazy("milestone", "Missed")
    ENDED = "ended", pgettext_lazy("milestone", "No longer due")


class Audience(TextChoices):
    """Who is told of a milestone in danger, one after the other."""

    STORE = "store", pgettext_lazy("audience", "Store")
    REGIONAL_MANAGER = "regional_manager", pgettext_lazy("audience", "Regional manager")
    CUSTOMER_SERVICE = "customer_service", pgettext_lazy("audience", "Customer service")


class AlertStage(TextChoices):
    APPROACHING = "approaching", pgettext_lazy("alert", "Due soon")
    MISSED = "missed", pgettext_lazy("alert", "Missed")
    REGION = "region", pgettext_lazy("alert", "Still missed: regional manager")
    SERVICE = "service", pgettext_lazy("alert", "Still missed: customer service")


class AlertOutcome(TextChoices):
    MET = "met", pgettext_lazy("alert", "The step was taken")
    ENDED = "ended", pgettext_lazy("alert", "No longer to be done here")
    MOVED = "moved", pgettext_lazy("alert", "Another day was promised")
    OVERTAKEN = "overtaken", pgettext_lazy("alert", "The moment passed")


class RepromiseReason(TextChoices):
    """Why the day a customer knew could not be kept."""

    NOT_HANDED_OVER = "not_handed_over", _("It was not handed over in time")
    PLANNED_LATER = "planned_later", _("It had to be planned again, for a later day")
    RECEIPT_LATER = "receipt_later", _("What it waits for comes later than expected")


_F = FulfilmentState

FULFILMENT_MOVES = Moves(
    "fulfilment",
    FulfilmentState,
    {
        _F.OFFERED: {_F.ACCEPTED, _F.DECLINED, _F.EXPIRED, _F.CANCELLED},
        _F.ACCEPTED: {_F.PICKING, _F.DECLINED, _F.CANCELLED},
        _F.PICKING: {_F.PACKED, _F.READY_FOR_PICKUP, _F.DECLINED, _F.CANCELLED},
        _F.PACKED: {_F.HANDED_OVER, _F.READY_FOR_PICKUP, _F.CANCELLED},
        # Ship to store: handed over to the carrier, then received at the pick-up store.
        _F.HANDED_OVER: {_F.COMPLETED, _F.READY_FOR_PICKUP},
        _F.READY_FOR_PICKUP: {_F.COMPLETED, _F.CANCELLED},
        _F.COMPLETED: set(),
        _F.DECLINED: set(),
        _F.EXPIRED: set(),
        _F.CANCELLED: set(),
    },
)


class ParcelState(TextChoices):
    LABEL_PENDING = "label_pending", _("Label pending")
    LABELLED = "labelled", _("Labelled")
    HANDED_OVER = "handed_over", _("Handed over")
    IN_TRANSIT = "in_transit", _("In transit")
    DELIVERED = "delivered", _("Delivered")
    EXCEPTION = "exception", _("Exception")
    LOST = "lost", _("Lost")
    RETURNED_TO_SENDER = "returned_to_sender", _("Returned to sender")
    CANCELLED = "cancelled", _("Cancelled")


_P = ParcelState
_UNDERWAY = {_P.IN_TRANSIT, _P.DELIVERED, _P.EXCEPTION, _P.LOST, _P.RETURNED_TO_SENDER}

PARCEL_MOVES = Moves(
    "parcel",
    ParcelState,
    {
        _P.LABEL_PENDING: {_P.LABELLED, _P.CANCELLED},
        _P.LABELLED: {_P.HANDED_OVER, _P.CANCELLED},
        _P.HANDED_OVER: set(_UNDERWAY),
        _P.IN_TRANSIT: _UNDERWAY - {_P.IN_TRANSIT},
        _P.EXCEPTION: _UNDERWAY - {_P.EXCEPTION},
        # A customer may refuse a parcel after the last scan: whatever came back outweighs what was delivered.
        _P.DELIVERED: {_P.RETURNED_TO_SENDER},
        _P.LOST: {_P.DELIVERED, _P.RETURNED_TO_SENDER},
        # Sent to a store, it may turn up there after all.
        _P.RETURNED_TO_SENDER: {_P.DELIVERED},
        _P.CANCELLED: set(),
    },
)


class PaymentState(TextChoices):
    PENDING = "pending", _("Pending")
    AUTHORISED = "authorised", _("Authorised")
    PARTIALLY_CAPTURED = "partially_captured", _("Partially captured")
    CAPTURED = "captured", _("Captured")
    PARTIALLY_REFUNDED = "partially_refunded", _("Partially refunded")
    REFUNDED = "refunded", _("Refunded")
    VOIDED = "voided", _("Voided")
    EXPIRED = "expired", _("Expired")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("To be verified")


_Y = PaymentState

PAYMENT_MOVES = Moves(
    "payment",
    PaymentState,
    {
        _Y.PENDING: {_Y.AUTHORISED, _Y.CAPTURED, _Y.FAILED, _Y.UNKNOWN, _Y.EXPIRED, _Y.VOIDED},
        # The platform knows the request and nothing was charged: the customer may act on it again, with its key.
        _Y.UNKNOWN: {_Y.PENDING, _Y.AUTHORISED, _Y.CAPTURED, _Y.FAILED, _Y.EXPIRED, _Y.VOIDED},
        _Y.AUTHORISED: {_Y.PARTIALLY_CAPTURED, _Y.CAPTURED, _Y.VOIDED, _Y.EXPIRED},
        # The rest of a partly captured authorisation can be voided: the payment is then captured in full.
        _Y.PARTIALLY_CAPTURED: {_Y.PARTIALLY_CAPTURED, _Y.CAPTURED, _Y.PARTIALLY_REFUNDED, _Y.REFUNDED},
        _Y.CAPTURED: {_Y.PARTIALLY_REFUNDED, _Y.REFUNDED},
        _Y.PARTIALLY_REFUNDED: {_Y.PARTIALLY_REFUNDED, _Y.REFUNDED},
        _Y.REFUNDED: set(),
        _Y.VOIDED: set(),
        _Y.EXPIRED: set(),
        _Y.FAILED: set(),
    },
)


class OperationState(TextChoices):
    PENDING = "pending", _("Pending")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("To be verified")


_O = OperationState

# Authorisations, captures, voids and refunds asked of a gateway. A refund is one of them.
OPERATION_MOVES = Moves(
    "refund",
    OperationState,
    {
        _O.PENDING: {_O.SUCCEEDED, _O.FAILED, _O.UNKNOWN},
        # Put to the gateway, and somebody must act first: an authorisation that the customer has not decided.
        _O.UNKNOWN: {_O.PENDING, _O.SUCCEEDED, _O.FAILED},
        _O.SUCCEEDED: set(),
        _O.FAILED: set(),
    },
)
