"""The customer's page of a payment link: what is paid, until when, and what came of it. No login, a signed address.

The form stands for the payment platform's own page: with a real gateway the customer would be sent there
and its webhook would call the same service.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from oms.core.errors import NotFound
from oms.public.views import broken_link, language_for
from orders.gateways import gateway_for, is_known
from orders.gateways.simulated import PAYMENT_LINK, SimulatedGateway
from orders.models import Order, OrderLine, Payment
from orders.queries.parts import ways_of
from orders.queries.payment_links import order_of_payment_token
from orders.queries.shops import banner_of
from orders.services.lowering import lower_awaited_payment, owed_for
from orders.services.pricing import cumulative_share
from orders.services.settling import hear_gateway, waiting_key_of, was_refused
from orders.states import OrderState, PaymentState

PAY, REFUSE = "pay", "refuse"


class CardForm(forms.Form):
    card = forms.ChoiceField(choices=[(PAY, PAY), (REFUSE, REFUSE)])


@method_decorator(never_cache, name="dispatch")
class PayView(View):
    """In the language of the order, whatever the telephone's is, or in the one chosen on the page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            return broken_link(request)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        order, payment = _asked(token)
        with translation.override(language_for(request, order)):
            context = {
                "banner": banner_of(order),
                "order": order,
                "payment": payment,
                "lines": _lines_left(order),
                "due": min(payment.amount, owed_for(order)) if payment is not None else None,
                "ways": ways_of(order),
                "outcome": outcome_of(order, payment),
                "is_refused": payment is not None and was_refused(payment),
            }
            return render(request, "public/pay.html", context)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        _, payment = _asked(token)
        if payment is None or payment.method != PAYMENT_LINK:
            # Paid elsewhere: the page says so.
            return redirect("public:pay", token)
        if not is_known(payment.gateway):
            raise Http404
        form = CardForm(request.POST)
        gateway, key = gateway_for(payment.gateway), waiting_key_of(payment)
        lower_awaited_payment(order_id=payment.order_id)
        if form.is_valid() and key is not None and isinstance(gateway, SimulatedGateway):
            act = gateway.pay_link if form.cleaned_data["card"] == PAY else gateway.refuse_link
            act(key)
            hear_gateway(gateway=payment.gateway, key=key)
        return redirect("public:pay", token)


@dataclass(frozen=True, slots=True)
class LineLeft:
    line: OrderLine
    left: int
    due: Decimal


def _lines_left(order: Order) -> list[LineLeft]:
    """What was not cancelled, with what it costs."""
    lines = OrderLine.objects.filter(order=order, cancelled_quantity__lt=F("quantity"))
    return [
        LineLeft(line, left, cumulative_share(line.total, left, line.quantity, order.currency))
        for line in lines.select_related("variant__product").order_by("position")
        for left in [line.quantity - line.cancelled_quantity]
    ]


def _asked(token: str) -> tuple[Order, Payment | None]:
    """The order of the link with the payment that is asked for by it, else its last one, if any.

    Whoever made up the link finds nothing. A link is signed for any order, so whoever holds one of an order
    that is paid otherwise (at a terminal, by the channel) is told how that stands.
    """
    try:
        order = order_of_payment_token(token)
    except NotFound as error:
        raise Http404 from error
    payments = list(Payment.objects.filter(order=order).order_by("pk"))
    by_link = (payment for payment in reversed(payments) if payment.method == PAYMENT_LINK)
    return order, next(by_link, payments[-1] if payments else None)


def outcome_of(order: Order, payment: Payment | None) -> str:
    """One word for the page: waiting, elsewhere, verify, paid, cancelled, late, returned, refused or over."""
    state = payment.state if payment is not None else ""
    if state == PaymentState.UNKNOWN:
        return "verify"
    if order.state == OrderState.PENDING_PAYMENT:
        return "waiting" if payment is not None and payment.method == PAYMENT_LINK else "elsewhere"
    if order.state not in (OrderState.CANCELLED, OrderState.EXPIRED):
        return "paid"
    if order.confirmed_at is not None:
        return "cancelled"
    if state == PaymentState.AUTHORISED:
        return "late"
    if state == PaymentState.VOIDED:
        return "returned"
    return "refused" if order.refused_at is not None else "over"
