"""What made somebody decide: the codes that orders give, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TRIGGERS: Final[Mapping[str, str | Promise]] = {
    "placed": _("when it was placed"),
    "sourced": _("with the latest facts"),
    "changed": _("after a change"),
    "rerouted": _("after a stock point gave it up"),
    "not_found": _("because units were not found where they were to be prepared"),
    "declined": _("because a stock point declined it"),
    "unanswered": _("because a stock point did not answer in time"),
    "paused": _("because a stock point was paused"),
    "retried": _("because stock, capacity or hours came back"),
    "short": _("because stock was short"),
    "received": _("because what was expected arrived"),
    "receipt_raised": _("because more is expected"),
    "receipt_shrunk": _("because less is expected"),
    "by_hand": _("because a person chose"),
    "paid_late": _("because it was paid after all"),
}


def told_trigger(code: str) -> str:
    return str(TRIGGERS.get(code, code))
