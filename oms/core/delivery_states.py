"""States of the kernel's own objects. (`states.py` holds the mechanism every app uses.)"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from oms.core.states import Moves


class DeliveryState(TextChoices):
    PENDING = "pending", _("Pending")
    DONE = "done", _("Done")
    DEAD = "dead", _("Dead letter")


DELIVERY_MOVES = Moves(
    "event_delivery",
    DeliveryState,
    {
        DeliveryState.PENDING: {DeliveryState.DONE, DeliveryState.DEAD},
        DeliveryState.DEAD: {DeliveryState.PENDING},
    },
)
