"""Refusals in the words of the shop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oms.core.errors import OmsError, Retryable, StateConflict
from orders.errors import LabelPending, OfferTaken, PaymentRefused, PickupLocked, QuantityMismatch, WrongPickupCode
from orders.states import FulfilmentState
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
    return list(dict.fromkeys(_leaves(error.errors))) or [error.detail]


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


def _leaves(errors: Any) -> Iterator[str]:
    if isinstance(errors, Mapping):
        for value in errors.values():
            yield from _leaves(value)
    elif isinstance(errors, list | tuple):
        for value in errors:
            yield from _leaves(value)
    elif errors:
        yield str(errors)
