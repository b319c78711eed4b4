"""States of what is sent to the outside and the table of their allowed moves."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from oms.core.states import Moves


class NotificationState(TextChoices):
    PENDING = "pending", pgettext_lazy("message", "To be sent")
    SENT = "sent", pgettext_lazy("message", "Sent")
    FAILED = "failed", pgettext_lazy("message", "Not sent")
    DROPPED = "dropped", pgettext_lazy("message", "No longer true")


_N = NotificationState

NOTIFICATION_MOVES = Moves(
    "notification",
    NotificationState,
    {
        _N.PENDING: {_N.SENT, _N.FAILED, _N.DROPPED},
        # A person has it sent after all.
        _N.FAILED: {_N.PENDING},
        _N.SENT: set(),
        _N.DROPPED: set(),
    },
)


class WebhookMessageState(TextChoices):
    """`dead`: tried for days in vain."""

    PENDING = "pending", pgettext_lazy("message", "To be sent")
    DELIVERED = "delivered", pgettext_lazy("message", "Delivered")
    DEAD = "dead", pgettext_lazy("message", "Given up")


_W = WebhookMessageState

WEBHOOK_MESSAGE_MOVES = Moves(
    "webhook_message",
    WebhookMessageState,
    {
        _W.PENDING: {_W.DELIVERED, _W.DEAD},
        # A person has it sent after all.
        _W.DEAD: {_W.PENDING},
        _W.DELIVERED: set(),
    },
)
