"""Paying at the terminal or by a link, and waiting for what comes of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from oms.core import clock
from oms.core.days import day_text
from oms.core.errors import OmsError, StateConflict
from oms.core.templatetags.halles import money
from oms.store.selling.deliveries import articles_of, parts_in, waiting_in
from oms.store.selling.seller import BasketStepView, SellerView
from oms.store.telling import sentences
from orders.errors import PromiseBroken, PromiseExpired, PromiseMismatch, PromiseTaken
from orders.gateways import gateway_for, is_known
from orders.gateways.simulated import PAYMENT_LINK
from orders.gateways.terminal import TERMINAL, Card, SimulatedTerminal
from orders.models import Order, Payment, PaymentOperation
from orders.queries.payment_links import payment_url
from orders.queries.qr_codes import qr_svg
from orders.services.checking_out import abandon_payment, check_out, give_basket_back
from orders.services.link_sending import resend_payment_link
from orders.services.lowering import left_to_ask
from orders.services.numbering import normalised
from orders.services.paying_again import pay_again
from orders.services.requests import RequestedPayment
from orders.services.settling import hear_gateway, waiting_key
from orders.states import Mode, OrderState, PaymentState

MEANS = {
    "terminal": RequestedPayment(gateway=TERMINAL, method="card"),
    "link": RequestedPayment(gateway="simulated", method=PAYMENT_LINK),
}
RESTORED = "restored"
# Outcomes in which the customer is to act.
LINK = ("link", "link-refused")
WAITING = ("waiting", *LINK)


def means_here() -> list[str]:
    """The ways to pay whose gateway is installed."""
    return [name for name, payment in MEANS.items() if is_known(payment.gateway)]


class MeansForm(forms.Form):
    means = forms.ChoiceField(choices=lambda: [(name, name) for name in means_here()])


class LinkMailForm(forms.Form):
    email = forms.EmailField(max_length=254)


class TerminalForm(forms.Form):
    card = forms.ChoiceField(choices=[(name, name) for name in (*Card, RESTORED)])


class PaymentView(BasketStepView):
    """The whole sale once more, and how it is paid. Pressed twice it is sold once."""

    step = "payment"

    def get(self, request: HttpRequest) -> HttpResponse:
        missing = self._missing_step()
        if missing:
            return redirect(missing)
        promise = (self.contents.basket.promise or {}) if self.contents.delivered else {}
        shipping = Decimal(promise.get("price", 0))
        waiting = waiting_in(promise, articles_of(self.contents))
        is_dated = all(each["available_on"] for each in waiting)
        return self.answer(
            request,
            "store/selling/payment.html",
            contents=self.contents,
            means=means_here(),
            is_put_aside=self._is_put_aside,
            waiting=waiting,
            shipping=shipping,
            total=self.contents.subtotal + shipping,
            is_dated=is_dated,
            promised_on=parse_date(promise.get("promised_on", "")) if is_dated or promise.get("parcels") else None,
            parts=parts_in(promise, articles_of(self.contents)),
        )

    @property
    def _is_put_aside(self) -> bool:
        """Nothing is paid now."""
        return bool(self.contents.delivered) and self.contents.basket.is_reservation

    def _missing_step(self) -> str:
        """What must still be said before this can be paid; a carried-out sale needs nothing of the customer."""
        basket = self.contents.basket
        if not self.contents.delivered:
            return ""
        if not basket.mode:
            return "store:sell-delivery"
        if basket.lacks_details:
            return "store:sell-delivery-details"
        return "" if basket.customer_name else "store:sell-customer"

    def post(self, request: HttpRequest) -> HttpResponse:
        form = MeansForm(request.POST)
        missing = self._missing_step()
        is_put_aside = self._is_put_aside
        if missing or not (is_put_aside or form.is_valid()):
            return redirect(missing or "store:sell-payment")
        payment = None if is_put_aside else MEANS[form.cleaned_data["means"]]
        try:
            order = check_out(basket_id=self.contents.basket.pk, payment=payment, access=self.access)
        except (PromiseBroken, PromiseMismatch) as error:
            messages.error(request, why_not(error))
            return redirect("store:sell-delivery")
        except OmsError as error:
            return self.refused(request, error, back="store:sell-basket")
        return redirect("store:sell-outcome", order.number)


def why_not(error: PromiseBroken | PromiseMismatch) -> str:
    """Why the chosen delivery is not kept, and the best that the seller can say to the customer instead."""
    why = {
        PromiseExpired: _("The delivery that was chosen was kept for a while, and that is over."),
        PromiseTaken: _("What was chosen has been taken by somebody else since."),
    }.get(type(error), _("The delivery that was chosen is no longer possible."))  # type: ignore[arg-type]
    best = (error.data or {}).get("option") if isinstance(error, PromiseBroken) else None
    if best is None:
        return " ".join((why, _("Choose another delivery.")))
    now = _("The best now: %(mode)s, %(day)s, %(price)s. Choose it or another one.") % {
        "mode": Mode(best["mode"]).label,
        "day": day_text(date.fromisoformat(best["promised_on"]), "l j F"),
        "price": money(best["price"], best["currency"]) if Decimal(best["price"]) else _("free"),
    }
    return " ".join((why, now))


class OrderView(SellerView):
    """A page of one order that was sold here."""

    def order(self, number: str) -> Order:
        orders = Order.objects.visible_to(self.access).filter(number=normalised(number))
        if self.own is not None:
            orders = orders.filter(selling_stock_point=self.own)
        order = orders.select_related("channel", "selling_stock_point", "pickup_point").first()
        if order is None:
            raise Http404
        return order


class OutcomeView(OrderView):
    """Waiting, paid, refused, to be verified, expired. Asked again every two seconds by the page itself."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        order = self.order(number)
        payment = _telling(Payment.objects.filter(order=order).order_by("pk"))
        outcome = outcome_of(order, payment)
        if request.GET.get("seen"):
            # The page loads itself anew once this is no longer empty.
            return HttpResponse(outcome) if request.GET["seen"] != outcome else HttpResponse(status=204)
        if outcome == "paid":
            return redirect("store:sell-receipt", order.number)
        context: dict[str, Any] = {"order": order, "payment": payment, "outcome": outcome, "now": clock.now()}
        context["due"] = _due(order, payment, outcome)
        context["is_polled"] = outcome in WAITING or outcome == "verify"
        context["is_kept"] = outcome in WAITING or outcome == "refused"
        if outcome == "refused":
            context["means"] = means_here()
        if outcome in LINK:
            link = payment_url(order.number)
            context |= {"link": link, "qr": qr_svg(link, title=_("Payment link of this order"))}
        return self.answer(request, "store/selling/outcome.html", **context)


def _due(order: Order, payment: Payment | None, outcome: str) -> Decimal:
    """What the terminal or the link asks for, or will when asked again; of what is over, what it was of."""
    if outcome == "refused":
        return left_to_ask(order=order, unasked=list(Payment.objects.unasked().filter(order=order)))
    return payment.amount if payment is not None and order.state == OrderState.PENDING_PAYMENT else order.total


def _telling(payments: Iterable[Payment]) -> Payment | None:
    """The one that the page is about: nobody knows of it, or it is waited for; else the last, which takes the place of
    any that was refused."""
    by_state = {payment.state: payment for payment in payments}
    last = next(reversed(list(payments)), None)
    return by_state.get(PaymentState.UNKNOWN) or by_state.get(PaymentState.PENDING) or last


def outcome_of(order: Order, payment: Payment | None) -> str:
    """One word for the page: waiting, link, link-refused, verify, refused, paid, cancelled, returned, expired or
    abandoned. After `refused` another card is asked for here; after `link-refused` the customer tries another.
    """
    if order.state == OrderState.PENDING_PAYMENT:
        return _awaited(payment)
    if order.state not in (OrderState.CANCELLED, OrderState.EXPIRED):
        return "paid"
    if order.confirmed_at is not None:
        return "cancelled"
    if payment is not None and payment.state == PaymentState.UNKNOWN:
        return "verify"
    if payment is not None and payment.state in (PaymentState.AUTHORISED, PaymentState.VOIDED):
        return "returned"
    return "expired" if order.state == OrderState.EXPIRED else "abandoned"


def _awaited(payment: Payment | None) -> str:
    if payment is None:
        return "waiting"
    if payment.state == PaymentState.UNKNOWN:
        return "verify"
    asked = PaymentOperation.objects.filter(payment=payment).order_by("pk").last()
    if asked is None:
        return "refused"
    if payment.method != PAYMENT_LINK:
        return "waiting"
    return "link-refused" if asked.failure else "link"


class PayAgainView(OrderView):
    """After a refused card: the same card reader, or another way to pay, at once."""

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        order = self.order(number)
        form = MeansForm(request.POST)
        if form.is_valid():
            try:
                pay_again(order_id=order.pk, payment=MEANS[form.cleaned_data["means"]])
            except StateConflict:
                messages.error(request, _("The payment went on meanwhile: see what came of it."))
        return redirect("store:sell-outcome", order.number)


class LinkMailView(OrderView):
    """The mail was lost, or went to a wrong address."""

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        order = self.order(number)
        form = LinkMailForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("This is no e-mail address: the link was not sent."))
            return redirect("store:sell-outcome", order.number)
        try:
            sent = resend_payment_link(order_id=order.pk, email=form.cleaned_data["email"])
        except OmsError as error:
            for sentence in sentences(error):
                messages.error(request, sentence)
            return redirect("store:sell-outcome", order.number)
        messages.success(request, _("The link is on its way to %(email)s.") % {"email": sent.customer_email})
        return redirect("store:sell-outcome", order.number)


class TerminalView(OrderView):
    """What happens at the simulated terminal, and the message it then sends."""

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        order = self.order(number)
        waiting = waiting_key(order)
        form = TerminalForm(request.POST)
        if not is_known(TERMINAL):
            raise Http404
        terminal = gateway_for(TERMINAL)
        assert isinstance(terminal, SimulatedTerminal)
        if form.is_valid() and waiting is not None and waiting[0] == TERMINAL:
            if form.cleaned_data["card"] == RESTORED:
                terminal.restore_line(waiting[1])
            else:
                terminal.present_card(waiting[1], Card(form.cleaned_data["card"]))
            hear_gateway(gateway=TERMINAL, key=waiting[1])
        return redirect("store:sell-outcome", order.number)


class AbandonView(OrderView):
    """The customer pays differently, or not at all: the basket is there again."""

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        order = self.order(number)
        try:
            abandon_payment(order_id=order.pk)
        except StateConflict:
            messages.error(request, _("The payment went on meanwhile: see what came of it."))
            return redirect("store:sell-outcome", order.number)
        return _given_back(self, request, order)


class AgainView(OrderView):
    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        return _given_back(self, request, self.order(number))


def _given_back(view: OrderView, request: HttpRequest, order: Order) -> HttpResponse:
    try:
        give_basket_back(order_id=order.pk)
    except StateConflict as error:
        if (error.data or {}).get("state") == "open":
            messages.error(request, _("Another basket is open: finish it or empty it first."))
            return redirect("store:sell-basket")
        return redirect("store:sell-outcome", order.number)
    except OmsError as error:
        return view.refused(request, error, back="store:sell")
    return redirect("store:sell-basket")
