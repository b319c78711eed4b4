"""Each kind of mail in words. A maker answers None when what was to be told is no longer true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from oms.core.days import day_text
from oms.integrations.mails.contents import Fact, Link, Mail, Part
from oms.integrations.mails.goods import order_collected, parcel_shipped, pickup_expiring, pickup_ready
from oms.integrations.mails.news import News, Way
from oms.integrations.mails.phrases import hello, moment_text
from oms.integrations.models import NotificationKind
from orders.queries.payment_links import payment_url
from orders.states import OrderState
from returns.gateways import EXCHANGE

Maker = Callable[[News], Mail | None]


def mail_about(news: News) -> Mail | None:
    """In the language of the moment."""
    return _MAKERS[NotificationKind(news.notification.kind)](news)


def why_you_get_this(news: News) -> str:
    return _("You receive this message because you placed order %(number)s with %(shop)s.") % {
        "number": news.order.number,
        "shop": news.shop_name,
    }


# --- The order ------------------------------------------------------------------------------------


def _order_confirmed(news: News) -> Mail:
    number = news.order.number
    told = [hello(news), _thanks(news)]
    parts = tuple(Part(_promise(news, way), articles) for way, articles in news.articles_by_way().items())
    if len(parts) == 1:
        told.append(parts[0].said)
    return Mail(
        subject=_("Your order %(number)s is confirmed") % {"number": number},
        heading=_("Your order is confirmed"),
        paragraphs=tuple(told),
        articles=news.articles() if len(parts) == 1 else (),
        parts=parts if len(parts) > 1 else (),
        facts=(*_sums(news), *_paid_by_what_came_back(news)),
        link=Link(_("Follow your order"), news.url),
        closing=_what_comes_later(news),
    )


def _thanks(news: News) -> str:
    if news.replaced is None or news.replaced.order is None:
        return _("Thank you for your order.")
    return _("These articles are yours instead of what came back of order %(number)s.") % {
        "number": news.replaced.order.number
    }


def _paid_by_what_came_back(news: News) -> tuple[Fact, ...]:
    if news.replaced is None:
        return ()
    credit = sum(payment.amount for payment in news.payments() if payment.gateway == EXCHANGE)
    return (Fact(_("Paid with what came back"), news.money(Decimal(credit))),)


def _what_comes_later(news: News) -> tuple[str, ...]:
    late = news.backordered_articles()
    if not late:
        return ()
    names = ", ".join(f"{article.quantity} × {article.name}" for article in late)
    said = _("Not in stock at the moment: %(articles)s. We send them as soon as they come in.")
    return (said % {"articles": names},)


def _receipt(news: News) -> Mail:
    return Mail(
        subject=_("Your receipt for order %(number)s") % {"number": news.order.number},
        heading=_("Your receipt"),
        paragraphs=(hello(news), _("This is the receipt you asked for.")),
        articles=news.articles(),
        facts=(*_sums(news), *_paid(news)),
        link=Link(_("See your order"), news.url),
    )


def _paid(news: News) -> tuple[Fact, ...]:
    return tuple(
        Fact(_("Paid on %(day)s") % {"day": moment_text(payment.created_at)}, news.money(payment.amount))
        for payment in news.payments()
    )


def _promise(news: News, way: Way) -> str:
    """What the customer may expect next of what goes this way."""
    if way.is_taken_along:
        is_all = len(news.articles_by_way()) == 1
        return (
            _("You have taken your articles along. Here is your receipt.")
            if is_all
            else _("You have taken these articles along.")
        )
    if way.collected_at is not None:
        return _("We write to you as soon as your articles are waiting for you at %(store)s.") % {
            "store": way.collected_at.name
        }
    if slot := _slot(news):
        return _("We deliver on %(slot)s.") % {"slot": slot}
    days = news.days_of_deliveries()
    if not days:
        return _("We write to you as soon as a parcel leaves.")
    if len(days) > 1:
        first, last = day_text(days[0]), day_text(days[-1])
        return _("We expect to deliver the first part by %(first)s and the last by %(last)s.") % {
            "first": first,
            "last": last,
        }
    return _("We expect to deliver by %(day)s.") % {"day": day_text(days[0])}


def _slot(news: News) -> str:
    """The hours that were chosen, if any were."""
    if news.order.slot is None:
        return ""
    begins, ends = news.order.slot
    return f"{day_text(begins.date())}, {begins:%H:%M} – {ends:%H:%M}"


def _payment_awaited(news: News) -> Mail | None:
    order = news.order
    if order.state != OrderState.PENDING_PAYMENT:
        return None
    told = [hello(news), _("Your articles are put aside for you. Pay online, and we prepare them:")]
    if order.pay_by is not None:
        told.append(
            _("Please pay before %(moment)s; after that your order ends.") % {"moment": moment_text(order.pay_by)}
        )
    return Mail(
        subject=_("Your order %(number)s waits for your payment") % {"number": order.number},
        heading=_("Your order waits for your payment"),
        paragraphs=tuple(told),
        articles=news.articles(),
        facts=_sums(news),
        link=Link(_("Pay now"), payment_url(order.number)),
    )


def _order_delayed(news: News) -> Mail | None:
    if news.order.state in (OrderState.CANCELLED, OrderState.CLOSED, OrderState.EXPIRED):
        return None
    sentence = _("Your order takes longer than we promised. We are sorry.")
    if news.data.get("is_part"):
        sentence = _("A part of your order takes longer than we promised. We are sorry.")
    told = [hello(news), sentence]
    promised = date.fromisoformat(news.data["promised_on"])
    facts = [Fact(_("Promised for"), day_text(promised))]
    if news.data.get("expected_on"):
        expected = date.fromisoformat(news.data["expected_on"])
        told.append(_("We now expect it by %(day)s.") % {"day": day_text(expected)})
        facts.append(Fact(_("Now expected by"), day_text(expected)))
    else:
        told.append(_("We do not know the new day yet. You see on this page what we know, as soon as we know it."))
    if news.is_collected_late(promised):
        told.append(_("Please come for what is late once we write to you that it is ready."))
    return Mail(
        subject=_("Your order %(number)s is delayed") % {"number": news.order.number},
        heading=_("Your order is delayed"),
        paragraphs=tuple(told),
        facts=tuple(facts),
        link=Link(_("Follow your order"), news.url),
    )


def _order_cancelled(news: News) -> Mail:
    return Mail(
        subject=_("Your order %(number)s is cancelled") % {"number": news.order.number},
        heading=_("Your order is cancelled"),
        paragraphs=(hello(news), _("These articles are cancelled:")),
        articles=news.cancelled_articles(),
        closing=(_money_back(),),
        link=Link(_("See your order"), news.url),
    )


def _articles_cancelled(news: News) -> Mail | None:
    if news.order.state == OrderState.CANCELLED:
        return None
    return Mail(
        subject=_("A part of your order %(number)s is cancelled") % {"number": news.order.number},
        heading=_("A part of your order is cancelled"),
        paragraphs=(hello(news), _("These articles are cancelled; the rest of your order goes on:")),
        articles=news.cancelled_articles(),
        closing=(_money_back(),),
        link=Link(_("Follow your order"), news.url),
    )


def _order_expired(news: News) -> Mail | None:
    if news.order.state != OrderState.EXPIRED:
        return None
    return Mail(
        subject=_("Your order %(number)s has ended unpaid") % {"number": news.order.number},
        heading=_("Your order has ended"),
        paragraphs=(
            hello(news),
            _("We have not received your payment in time, so your articles are no longer put aside."),
            _("Nothing was charged. You are welcome to order again."),
        ),
        link=Link(_("See your order"), news.url),
    )


# --- Money and returns ----------------------------------------------------------------------------


def _payment_returned(news: News) -> Mail:
    return Mail(
        subject=_("Your payment for order %(number)s is given back") % {"number": news.order.number},
        heading=_("Your payment is given back"),
        paragraphs=(
            hello(news),
            _("Your payment came after the order had ended, and the articles have been sold meanwhile."),
            _("We give back the whole amount, by the way you paid. We are sorry."),
        ),
        link=Link(_("See your order"), news.url),
    )


def _refund_made(news: News) -> Mail:
    operation = news.operation
    amount = news.money(operation.amount)
    return Mail(
        subject=_("%(amount)s given back for your order %(number)s") % {"amount": amount, "number": news.order.number},
        heading=_("We have given you money back"),
        paragraphs=(
            hello(news),
            _("We have given back %(amount)s by the way you paid. Your bank may take a few days to show it.")
            % {"amount": amount},
        ),
        facts=(Fact(_("Amount"), amount),),
        link=Link(_("See your order"), news.url),
    )


def _return_received(news: News) -> Mail:
    return Mail(
        subject=_("We have received your return for order %(number)s") % {"number": news.order.number},
        heading=_("Your return has arrived"),
        paragraphs=(hello(news), _("We have received what you sent or brought back."), *_what_comes_of_it(news)),
        link=Link(_("See your order"), news.url),
    )


def _what_comes_of_it(news: News) -> tuple[str, ...]:
    """Only what really follows: a return may be settled already when this is sent."""
    returned = news.returned
    if returned.exchange_order is not None:
        said = _("You have other articles for it: order %(number)s.")
        return (said % {"number": returned.exchange_order.number},)
    if returned.settled_at is None:
        return (_("We look at it, and write again about your money, or about the articles you get instead."),)
    return (_("We write again once your money is given back."),) if returned.refund_amount else ()


# --- Turns of phrase ------------------------------------------------------------------------------


def _money_back() -> str:
    return _("What was not charged yet will not be; what was is given back by the way you paid.")


def _sums(news: News) -> tuple[Fact, ...]:
    order = news.order
    facts = [Fact(_("Articles"), news.money(order.subtotal))]
    if order.shipping:
        facts.append(Fact(_("Shipping"), news.money(order.shipping)))
    return (*facts, Fact(_("Total"), news.money(order.total)), Fact(_("of which tax"), news.money(order.tax)))


_MAKERS: dict[NotificationKind, Maker] = {
    NotificationKind.ORDER_CONFIRMED: _order_confirmed,
    NotificationKind.PAYMENT_AWAITED: _payment_awaited,
    NotificationKind.PARCEL_SHIPPED: parcel_shipped,
    NotificationKind.PICKUP_READY: pickup_ready,
    NotificationKind.PICKUP_EXPIRING: pickup_expiring,
    NotificationKind.ORDER_COLLECTED: order_collected,
    NotificationKind.ORDER_DELAYED: _order_delayed,
    NotificationKind.ORDER_CANCELLED: _order_cancelled,
    NotificationKind.ARTICLES_CANCELLED: _articles_cancelled,
    NotificationKind.ORDER_EXPIRED: _order_expired,
    NotificationKind.PAYMENT_RETURNED: _payment_returned,
    NotificationKind.REFUND_MADE: _refund_made,
    NotificationKind.RECEIPT: _receipt,
    NotificationKind.RETURN_RECEIVED: _return_received,
}
