"""States of a return and the table of its allowed moves."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from oms.core.states import Moves


class Way(TextChoices):
    STORE = "store", _("In store")
    POST = "post", _("By post")
    CUSTOMER_SERVICE = "customer_service", _("Through customer service")
    BLIND = "blind", _("Without a known order")


class Grade(TextChoices):
    NEW = "new", _("As new")
    OPENED = "opened", _("Opened")
    DAMAGED = "damaged", _("Damaged")
    UNSELLABLE = "unsellable", _("Unsellable")


class DispositionKind(TextChoices):
    """What becomes of a unit: only `shelf` can be sold at once where it was received."""

    SHELF = "shelf", _("Onto this shelf")
    STORE = "store", _("To a store that lacks it")
    WAREHOUSE = "warehouse", _("To the warehouse")
    REPAIR = "repair", _("To be repaired")
    DESTROY = "destroy", _("To be destroyed")

    @classmethod
    def travelling(cls) -> frozenset[str]:
        """Units that wait here to be sent elsewhere."""
        return frozenset({cls.STORE, cls.WAREHOUSE})


class ReturnState(TextChoices):
    REQUESTED = "requested", pgettext_lazy("return", "Requested")
    AUTHORISED = "authorised", pgettext_lazy("return", "Authorised")
    IN_TRANSIT = "in_transit", pgettext_lazy("return", "On its way")
    RECEIVED_UNMATCHED = "received_unmatched", pgettext_lazy("return", "Received, order unknown")
    RECEIVED = "received", pgettext_lazy("return", "Received")
    INSPECTED = "inspected", pgettext_lazy("return", "Inspected")
    SETTLED = "settled", pgettext_lazy("return", "Settled")
    CLOSED = "closed", pgettext_lazy("return", "Closed")
    REJECTED = "rejected", pgettext_lazy("return", "Rejected")
    CANCELLED = "cancelled", pgettext_lazy("return", "Cancelled")
    EXPIRED = "expired", pgettext_lazy("return", "Expired")

    @classmethod
    def awaited(cls) -> frozenset[str]:
        """The goods are still with the customer, or on their way."""
        return frozenset({cls.REQUESTED, cls.AUTHORISED, cls.IN_TRANSIT})

    @classmethod
    def in_vain(cls) -> frozenset[str]:
        """Nothing came back: its units may be returned another time."""
        return frozenset({cls.REJECTED, cls.CANCELLED, cls.EXPIRED})


_S = ReturnState

RETURN_MOVES = Moves(
    "return",
    ReturnState,
    {
        _S.REQUESTED: {_S.AUTHORISED, _S.REJECTED, _S.CANCELLED, _S.EXPIRED},
        _S.AUTHORISED: {_S.IN_TRANSIT, _S.RECEIVED, _S.REJECTED, _S.CANCELLED, _S.EXPIRED},
        # A parcel that was lost on its way is given up by customer service.
        _S.IN_TRANSIT: {_S.RECEIVED, _S.CANCELLED},
        # Goods of an unknown order are put away at once; the order may be found before or after.
        _S.RECEIVED_UNMATCHED: {_S.RECEIVED, _S.INSPECTED, _S.CLOSED},
        _S.RECEIVED: {_S.INSPECTED},
        _S.INSPECTED: {_S.SETTLED},
        _S.SETTLED: {_S.CLOSED},
        _S.CLOSED: set(),
        _S.REJECTED: set(),
        _S.CANCELLED: set(),
        _S.EXPIRED: set(),
    },
)
