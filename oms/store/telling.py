"""Refusals in the words of the shop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from oms.core.errors import OmsError, Retryable, StateConflict
from oms.core.refusals import told
from orders.errors import (
    LabelPending,
    OfferTaken,
    PaymentRefused,
    PickupLocked,
    QuantityMismatch,
    WrongPickupCode,
    WrongTotal,
)
from orders.states import FulfilmentState
from returns.errors import NotCaptured, NotReturnable, PinLocked, UnknownOrder, WeakPin, WrongPin
from stock.errors import InsufficientStock


def sentences(error: OmsError) -> list[str]:
    """What the person at the screen is told: what is wrong, and what can be done."""
    data: Mapping[str, Any] = error.data or {}
    if isinstance(error, OfferTaken):
        return [_("Another store was faster: this order is theirs now.")]
    if isinstance(error, WrongPickupCode):
        left = int(data.get("tries_left", 0))
        return [
            _("This is not the code.")
            + " "
            + ngettext("%(left)d try is left.", "%(left)d tries are left.", left) % {"left": left}
        ]
    if isinstance(error, LabelPending):
        return [_("A label is still being made: hand over once every parcel has its own.")]
    if isinstance(error, WrongPin):
        left = int(data.get("tries_left", 0))
        return [
            _("This is not the manager’s PIN.")
            + " "
            + ngettext("%(left)d try is left.", "%(left)d tries are left.", left) % {"left": left}
        ]
    if isinstance(error, PinLocked):
        return [_("Too many wrong PINs: the manager must set another one.")]
    if isinstance(error, WeakPin):
        return [_("Choose 6 to 12 digits that are not guessed first.")]
    if isinstance(error, UnknownOrder):
        return [_("No order is known under this number or receipt.")]
    if isinstance(error, NotReturnable):
        return [_kept(line) for line in data.get("lines", [])] or [_("Some of it was returned just now.")]
    if isinstance(error, NotCaptured):
        return [_("The money for these goods is still being collected from the customer. Try again in a moment.")]
    if isinstance(error, WrongTotal) and "rest" in data:
        return [_("This costs more than what came back. Refund the return and sell the other article.")]
    if isinstance(error, PickupLocked):
        return [_("Too many wrong codes: the hand-over is locked. Call customer service.")]
    if isinstance(error, QuantityMismatch):
        return [_("The quantities do not add up to what is here. Count again.")]
    if isinstance(error, InsufficientStock):
        return [_short(line) for line in data.get("lines", [])] or [_("There is not enough stock left for this.")]
    if isinstance(error, PaymentRefused):
        return [_("The payment was refused. Nothing was taken: choose another way to pay.")]
    if isinstance(error, StateConflict):
        return [_conflict(data)]
    if isinstance(error, Retryable):
        return [_("Somebody else changed this at the same moment. Try again.")]
    return [told(sentence) for sentence in error.sentences()]


def _conflict(data: Mapping[str, Any]) -> str:
    if data.get("on_hold"):
        return _("This order is on hold: customer service must release it first.")
    state = data.get("state")
    if state in FulfilmentState.values:
        return _("This is not possible any more: the work is now “%(state)s”.") % {
            "state": FulfilmentState(state).label
        }
    return _("This is not possible any more: somebody changed it in the meantime.")


def _short(line: Mapping[str, Any]) -> str:
    """One article there is too little of."""
    left = max(0, int(line["available"]))
    if not left:
        return _("%(sku)s: none is left.") % {"sku": line["sku"]}
    return ngettext("%(sku)s: only %(left)d is left.", "%(sku)s: only %(left)d are left.", left) % {
        "sku": line["sku"],
        "left": left,
    }


_WHY: Final[Mapping[str, str | Promise]] = {
    "not_left": gettext_lazy("not with the customer yet"),
    "returned_before": gettext_lazy("returned before"),
    "window_over": gettext_lazy("the time to return it is over"),
    "category_excluded": gettext_lazy("this kind of article is not taken back"),
}


def _kept(line: Mapping[str, Any]) -> str:
    """One article of which less can come back than was asked."""
    words = {"sku": line["sku"], "left": line["returnable"], "why": _WHY.get(line["why"], line["why"])}
    if not line["returnable"]:
        return _("%(sku)s cannot come back: %(why)s.") % words
    return _("%(sku)s: only %(left)d can come back; the others: %(why)s.") % words
