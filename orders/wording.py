"""What happened to an order, in people's words.

A sentence may name `%(place)s` (the stock point), `%(parcel)s` (its tracking number) and whatever the
entry's own data hold. An event nobody wrote a sentence for is still shown, by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from oms.core.days import day_text
from oms.core.money import money_text
from oms.core.refusals import told
from oms.orchestration.queries.carrier_names import carrier_names, from_code
from orders.states import Mode

SENTENCES: Final[dict[str, str | Promise]] = {
    "order.placed": _("The order was placed."),
    "order.confirmed": _("The order was confirmed."),
    "order.expired": _("The order expired: it was not paid in time, and its stock is free again."),
    "order.cancelled": _("The order was cancelled."),
    "order.fulfilled": _("Everything has reached the customer, or is on its way."),
    "order.closed": _("The order was closed."),
    "order.held": _("The order was put on hold."),
    "order.released": _("The hold was lifted; work goes on."),
    "order.rerouted": _("A new decision was asked for."),
    "order.assigned_by_hand": _("A person gave it to %(place)s: %(reason)s"),
    "order.address_changed": _("The delivery address was changed, and the order planned again."),
    "order.mode_changed": _("The way of delivery was changed, and the order planned again."),
    "order.repromised": _("The promised day could not be kept: %(expected_on)s instead of %(previous_on)s."),
    "order.carried_out": ngettext_lazy(
        "%(units)s unit was carried out of the shop.",
        "%(units)s units were carried out of the shop.",
        "units",
    ),
    "order.promise_rescheduled": _("What it waits for is now expected on %(expected_on)s."),
    "order.promise_shrunk": ngettext_lazy(
        "%(units)s unit it waited for does not come.",
        "%(units)s units it waited for do not come.",
        "units",
    ),
    "customer.consented": _("The customer agreed that the details are kept for this order."),
    "receipt.requested": _("The receipt was asked for by e-mail."),
    "order.needs_attention": _("A person should look at it: %(reason)s"),
    "order_line.cancelled": ngettext_lazy(
        "%(units)s unit was cancelled.",
        "%(units)s units were cancelled.",
        "units",
    ),
    "fulfilment.offered": _("Offered to %(place)s."),
    "fulfilment.assigned": _("Given to %(place)s."),
    "fulfilment.accepted": _("%(place)s accepted it."),
    "fulfilment.declined": ngettext_lazy(
        "%(place)s declined %(units)s unit: %(reason)s.",
        "%(place)s declined %(units)s units: %(reason)s.",
        "units",
    ),
    "fulfilment.expired": ngettext_lazy(
        "%(place)s did not answer in time; %(units)s unit left it.",
        "%(place)s did not answer in time; %(units)s units left it.",
        "units",
    ),
    "fulfilment.short_picked": ngettext_lazy(
        "%(place)s did not find %(units)s unit.",
        "%(place)s did not find %(units)s units.",
        "units",
    ),
    "fulfilment.claimed": _("%(place)s took the work that was offered to another stock point, too."),
    "fulfilment.recalled": _("The work was taken back from %(place)s."),
    "fulfilment.cancelled": _("%(place)s was told to stop."),
    "fulfilment.picked": _("%(place)s picked the articles."),
    "fulfilment.packed": ngettext_lazy(
        "%(place)s packed them, in %(parcels)s parcel.",
        "%(place)s packed them, in %(parcels)s parcels.",
        "parcels",
    ),
    "fulfilment.handed_over": _("%(place)s handed the parcels over to the carrier."),
    "fulfilment.received": _("The goods arrived in the pick-up store."),
    "fulfilment.delivered": _("Delivered."),
    "fulfilment.collected": _("The customer collected them at %(place)s."),
    "pickup.ready": _("Ready to be collected; the customer has the code."),
    "pickup.put_back": ngettext_lazy(
        "%(units)s unit was put back on sale at %(place)s: %(reason)s.",
        "%(units)s units were put back on sale at %(place)s: %(reason)s.",
        "units",
    ),
    "pickup.locked": _("The pick-up code was wrong five times: the pick-up is locked."),
    "parcel.labelled": _("The label of parcel %(parcel)s was made."),
    "parcel.label_retried": _("The label of a parcel was asked for again."),
    "parcel.label_refused": _("The carrier refused the label of a parcel."),
    "parcel.in_transit": _("Parcel %(parcel)s is on its way."),
    "parcel.delivered": _("Parcel %(parcel)s was delivered."),
    "parcel.exception": _("The carrier reports a problem with parcel %(parcel)s."),
    "parcel.lost": _("The carrier lost parcel %(parcel)s."),
    "parcel.returned_to_sender": _("Parcel %(parcel)s comes back to its sender."),
    "payment.refused": _("The payment was refused."),
    "payment.card_refused": _("A card was refused; the order still waits to be paid, with another one if need be."),
    "payment.found_open": _("Nothing had been charged: the payment waits for the customer again."),
    "payment.lowered": _("Less is to be paid: units were cancelled before the payment."),
    "payment.abandoned": _("The payment was given up where it was sold; the basket may be sold anew."),
    "payment.link_resent": _("The payment link was sent once more."),
    "payment.link_corrected": _("The payment link was sent once more, to another e-mail address."),
    "payment.expired": _("The payment expired."),
    "payment.returned": _("The payment came too late and is given back."),
    "payment.authorised_late": _("The payment was authorised after all; the goods were reserved anew."),
    "payment.capture_succeeded": _("%(amount)s were captured."),
    "payment.capture_failed": _("The gateway refused to capture %(amount)s."),
    "payment.capture_unknown": _("The gateway did not say whether it captured %(amount)s; it is being verified."),
    "payment.void_succeeded": _("The authorisation of %(amount)s was given back."),
    "payment.void_failed": _("The gateway refused to give back the authorisation of %(amount)s."),
    "payment.void_unknown": _("The gateway did not say whether it gave back %(amount)s; it is being verified."),
    "payment.refund_succeeded": _("%(amount)s were refunded."),
    "payment.refund_failed": _("The gateway refused to refund %(amount)s."),
    "payment.refund_unknown": _("The gateway did not say whether it refunded %(amount)s; it is being verified."),
    "refund.requested": _("A refund of %(amount)s was asked for."),
}

# Told as days of a calendar, in the reader's way.
_DAYS: Final = frozenset({"previous_on", "expected_on"})

REASONS: Final[Mapping[str, str | Promise]] = {
    "not_found": _("not found"),
    "damaged": _("damaged"),
    "display": _("on display"),
    "no_capacity": _("no capacity"),
    "closed": _("closed"),
    "other": _("another reason"),
    "expired": _("no answer in time"),
    "cancelled": _("cancelled"),
    "not_collected": _("not collected"),
    "left": _("left at the counter"),
    "reservation_over": _("the reservation was over"),
    "abandoned": _("the payment was given up"),
    "by_hand": _("a person gave it to another place"),
    "changed": _("the order was changed"),
    "claimed_elsewhere": _("another place took it"),
    "no_rule_plans_it": _("no rule plans it"),
    "no_stock": _("no stock"),
    "paused": _("the store was paused"),
    "payment_refused": _("the payment was refused"),
    "receipt_shrunk": _("what it waits for does not come"),
    "rerouted": _("a new decision was asked for"),
    "short": _("the stock fell short"),
    "unfillable": _("no place can serve it"),
    "withdrawn": _("withdrawn"),
}

PAYMENT_METHODS: Final[Mapping[str, str | Promise]] = {
    "card": _("Card"),
    "payment_link": _("Payment link"),
}

GATEWAYS: Final[Mapping[str, str | Promise]] = {
    "simulated": _("Simulated gateway"),
    "simulated_terminal": _("Simulated terminal"),
}

# Of the built-in carrier; others are called what the retailer calls them.
CARRIERS: Final[Mapping[str, str | Promise]] = {"house": _("House carrier")}
SERVICES: Final[Mapping[str, str | Promise]] = {**dict(Mode.choices), "house": _("Standard")}

# What carriers tell of a parcel.
TRACKING: Final[Mapping[str, str | Promise]] = {
    "handed_over": _("handed over to the carrier"),
    "in_transit": _("on its way"),
    "out_for_delivery": _("out for delivery"),
    "delivered": _("delivered"),
    "exception": _("a problem on the way"),
    "returned_to_sender": _("returned to its sender"),
    "lost": _("lost"),
}

_NOTED_OF_PARCEL: Final = re.compile(r"Parcel (?P<number>\S+): (?P<state>\w+)")


def tell_also(sentences: Mapping[str, str | Promise]) -> None:
    """What apps above this one note on an order's timeline, in their own words."""
    SENTENCES.update(sentences)


def sentence(event: str, data: Mapping[str, Any], *, place: str, parcel: str, currency: str) -> str:
    """One entry of the timeline. `place` and `parcel` are names for people, or empty; amounts are in the currency."""
    if event == "order.sourced":
        return _sourced(data)
    words = {**data, "place": place or gettext("A stock point"), "parcel": parcel}
    why = str(data.get("reason", ""))
    words["reason"] = attention(why) if event == "order.needs_attention" else reason(why)
    if "amount" in words:
        words["amount"] = money_text(Decimal(str(words["amount"])), currency)
    for name in _DAYS & words.keys():
        words[name] = day_text(date.fromisoformat(str(words[name])))
    try:
        # Formatted before it is text: one that counts chooses its form by the number.
        return str(SENTENCES[event] % words)  # type: ignore[operator]
    except KeyError:
        # Said by an app above this one, or before a sentence was written for it.
        return event.replace(".", " ").replace("_", " ").capitalize()


def _sourced(data: Mapping[str, Any]) -> str:
    waiting = int(data.get("waiting") or 0)
    if waiting:
        counted = ngettext(
            "A decision was made; %(waiting)d unit waits for stock.",
            "A decision was made; %(waiting)d units wait for stock.",
            waiting,
        )
        return counted % {"waiting": waiting}
    if data.get("kept"):
        return gettext("Looked at again: nothing better was found.")
    return gettext("A decision was made: every unit has its stock point.")


def reason(code: str) -> str:
    """Why, in words where the product gave the reason, else as a person wrote it."""
    return str(REASONS.get(code, code))


def tracking(code: str) -> str:
    return str(TRACKING.get(code, code))


def attention(text: str) -> str:
    """Why a person should look at an order: what the product noted of a parcel is told in the reader's words."""
    noted = _NOTED_OF_PARCEL.fullmatch(text)
    if noted is None:
        return told(text)
    return gettext("Parcel %(number)s: %(what)s") % {"number": noted["number"], "what": tracking(noted["state"])}


def payment_method(code: str) -> str:
    """In words where the product knows it, else as the gateway names it."""
    return str(PAYMENT_METHODS.get(code, code))


def gateway(code: str) -> str:
    """In words where it is one of ours, else as it is named."""
    return str(GATEWAYS.get(code, code))


def carrier(code: str) -> str:
    """As it is called, or as its code reads."""
    known = CARRIERS.get(code) or carrier_names().carriers.get(code)
    return str(known or from_code(code))


def carrier_told(code: str) -> str:
    """What a customer is told of who brings it; nothing of the built-in carrier, whom nobody knows by a name."""
    return "" if code in CARRIERS else carrier(code)


def service(code: str) -> str:
    """As it is called; the built-in one and ways of delivery in words; else as its code reads."""
    known = carrier_names().services.get(code) or SERVICES.get(code)
    return str(known or from_code(code))
