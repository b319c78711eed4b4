"""The address of an order's own page: whoever holds it may follow the order, without signing in.

The token is the order's number with its signature, so it cannot be guessed, tells no internal id and
stays good while the secret key is rotated (`SECRET_KEY_FALLBACKS`).
"""

from __future__ import annotations

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from oms.core.errors import NotFound
from orders.models import Order

_SIGNER_SALT = "halles.tracking"
_SEPARATOR = "."  # a colon would be read as the end of an address by some mail programs


def tracking_token(number: str) -> str:
    return _signer().sign(number)


def tracking_url(number: str) -> str:
    """Absolute: it stands in mails and in the API."""
    return settings.PUBLIC_URL + reverse("public:order", args=[tracking_token(number)])


def number_of_token(token: str) -> str:
    """The order's number. Raises `NotFound` for a token that is not one of ours."""
    try:
        return _signer().unsign(token)
    except BadSignature as error:
        raise NotFound("There is no such order.") from error


def order_of_token(token: str) -> Order:
    """Raises `NotFound`, also for an attempt whose payment was refused: it never became an order."""
    orders = Order.objects.placed().select_related("channel__banner", "pickup_point__banner")
    order = orders.filter(number=number_of_token(token)).first()
    if order is None:
        raise NotFound("There is no such order.")
    return order


def _signer() -> Signer:
    return Signer(salt=_SIGNER_SALT, sep=_SEPARATOR)
