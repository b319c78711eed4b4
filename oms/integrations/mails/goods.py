"""Mails about goods: a parcel that left, a pickup that is ready, about to end, or collected."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oms.core.days import day_text
from oms.integrations.mails.contents import Fact, Link, Mail
from oms.integrations.mails.news import News
from oms.integrations.mails.phrases import hello, place
from orders.queries.qr_codes import pickup_pass
from orders.services.collecting import pickup_code
from orders.states import AllocationState
from orders.wording import carrier_told
from stock.queries.opening_hours import openings


def parcel_shipped(news: News) -> Mail:
    parcel = news.parcel
    facts = []
    if parcel.tracking_number:
        facts += [Fact(_("Carrier"), name)] if (name := carrier_told(parcel.carrier)) else []
        facts.append(Fact(_("Tracking number"), parcel.tracking_number))
    if parcel.fulfilment.promised_on is not None:
        facts.append(Fact(_("Expected by"), day_text(parcel.fulfilment.promised_on)))
    return Mail(
        subject=_("A parcel of your order %(number)s is on its way") % {"number": news.order.number},
        heading=_("Your parcel is on its way"),
        paragraphs=(hello(news), _("The carrier has your parcel. In it:")),
        articles=news.parcel_articles(),
        facts=tuple(facts),
        link=Link(_("Follow your parcel"), news.url),
        closing=_what_still_comes(news),
    )


def _what_still_comes(news: News) -> tuple[str, ...]:
    here = {*AllocationState.done(), AllocationState.CANCELLED, AllocationState.READY_FOR_PICKUP}
    to_come = sum(units for state, units in news.units.items() if state not in here)
    if not to_come:
        return ()
    said = ngettext("%(count)d article still follows.", "%(count)d articles still follow.", to_come)
    return (said % {"count": to_come},)


def pickup_ready(news: News) -> Mail | None:
    number = {"number": news.order.number}
    if news.is_pickup_a_part():
        return _waiting_pickup(
            news,
            subject=_("A part of your order %(number)s is ready for pickup") % number,
            heading=_("A part of your order is waiting for you"),
            said=_("These articles of your order are ready at %(store)s. Show this code at the counter:"),
        )
    return _waiting_pickup(
        news,
        subject=_("Your order %(number)s is ready for pickup") % number,
        heading=_("Your articles are waiting for you"),
        said=_("Your articles are ready at %(store)s. Show this code at the counter:"),
    )


def pickup_expiring(news: News) -> Mail | None:
    return _waiting_pickup(
        news,
        subject=_("Your order %(number)s is still waiting for you") % {"number": news.order.number},
        heading=_("Your articles are still waiting for you"),
        said=_("Your articles are still at %(store)s, but not for much longer. Show this code at the counter:"),
    )


def _waiting_pickup(news: News, *, subject: str, heading: str, said: str) -> Mail | None:
    pickup = news.pickup
    if pickup is None or pickup.collected_at is not None or pickup.fulfilment.state != "ready_for_pickup":
        return None
    point, code = news.pickup_point, pickup_code(pickup)
    facts = [Fact(_("Store"), place(point))]
    facts += [Fact(opening.days, opening.hours) for opening in openings(point)]
    if pickup.expires_on is not None:
        facts.insert(1, Fact(_("Kept until"), day_text(pickup.expires_on)))
    return Mail(
        subject=subject,
        heading=heading,
        paragraphs=(hello(news), said % {"store": point.name}),
        articles=news.pickup_articles(),
        facts=tuple(facts),
        link=Link(_("Show the code on your telephone"), news.url),
        code=code,
        qr=pickup_pass(news.order.number, code),
        closing=(_("Somebody else may come for you: give them this code, and only them."), *_what_still_comes(news)),
    )


def order_collected(news: News) -> Mail:
    assert news.pickup is not None
    return Mail(
        subject=_("Your order %(number)s: thank you for your visit") % {"number": news.order.number},
        heading=_("Thank you for your visit"),
        paragraphs=(
            hello(news),
            _("These articles were collected at %(store)s:") % {"store": news.pickup_point.name},
        ),
        articles=news.pickup_articles(),
        closing=(_("That was not you? Please tell the store at once."),),
        link=Link(_("See your order"), news.url),
    )
