"""The address at which a customer pays an order: whoever holds it may pay, without signing in.

The token is the order's number with its signature: it cannot be guessed and tells no internal id.
"""

from __future__ import annotations

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.translation import gettext_noop

from oms.core.errors import NotFound
from orders.gateways.simulated import PAYMENT_LINK
from orders.models import Order, Payment
from orders.states import OrderState, PaymentState
from stock.models import ChannelKind

_SIGNER_SALT = "halles.payment-link"
_SEPARATOR = "."  # a colon would be read as the end of an address by some mail programs


def payment_token(number: str) -> str:
    return _signer().sign(number)


def payment_url(number: str) -> str:
    """Absolute: it stands in QR codes and mails."""
    return settings.PUBLIC_URL + reverse("public:pay", args=[payment_token(number)])


def awaited_payment_url(order: Order) -> str:
    """Absolute, where the order waits for its customer to pay online; else empty."""
    asked = Payment.objects.filter(order=order, method=PAYMENT_LINK, state=PaymentState.PENDING)
    if order.state != OrderState.PENDING_PAYMENT or not asked.exists():
        return ""
    return payment_url(order.number)


def is_mailed(order: Order) -> bool:
    """Whether we write to the customers of its channel at all: a marketplace does so itself."""
    return order.channel.kind != ChannelKind.MARKETPLACE


def order_of_payment_token(token: str) -> Order:
    """Raises `NotFound` for a token that is not one of ours."""
    try:
        number = _signer().unsign(token)
    except BadSignature as error:
        raise NotFound(gettext_noop("There is no such payment.")) from error
    order = Order.objects.select_related("channel__banner", "pickup_point__banner").filter(number=number).first()
    if order is None:
        raise NotFound(gettext_noop("There is no such payment."))
    return order


def _signer() -> Signer:
    return Signer(salt=_SIGNER_SALT, sep=_SEPARATOR)
