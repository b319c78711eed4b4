"""What a payment gateway plug-in is: what it is asked, what it answers, how it fails.

Every request carries a key that was stored before the call. The same key always means the same request:
a gateway that has seen it gives its first answer again and moves no money twice. When the answer is not
known (`UNKNOWN`, or the call failed in any way) nobody asks with another key: `inquire` is asked later
what became of that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from django.utils.translation import gettext_noop

from oms.core.errors import Retryable


class Outcome(StrEnum):
    """`PENDING`: all is well and somebody else must act first (the customer opens the payment link).

    `NOT_FOUND` is answered by `inquire` alone: the request never arrived, so nothing happened.
    """

    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    PENDING = "pending"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class AuthoriseRequest:
    """`token` stands for the customer's means of payment; a card number never comes here."""

    key: str
    amount: Decimal
    currency: str
    method: str
    token: str
    order_number: str


@dataclass(frozen=True, slots=True)
class MoneyRequest:
    """A capture, void or refund of what `authorisation` (the gateway's own reference) stands for."""

    key: str
    amount: Decimal
    currency: str
    authorisation: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`reference` is the gateway's own; `failure` says why it refused, in its words, without personal data.

    A `PENDING` one with a `failure`: a card was refused, and the customer may still pay with another.
    """

    outcome: Outcome
    reference: str = ""
    failure: str = ""


class GatewayUnavailable(Retryable):
    """No answer, or none that can be understood: whether the request took effect is not known."""

    code = "gateway_unavailable"
    default_detail = gettext_noop("The payment gateway did not answer.")


class Gateway(Protocol):
    """One payment platform. Every method may raise `GatewayUnavailable`, at any time, after any effect.

    `is_attended`: somebody stands beside it and may ask for another card, so a refusal does not end the order.
    """

    code: str
    is_attended: bool

    def authorise(self, request: AuthoriseRequest) -> Answer: ...

    def capture(self, request: MoneyRequest) -> Answer: ...

    def void(self, request: MoneyRequest) -> Answer: ...

    def refund(self, request: MoneyRequest) -> Answer: ...

    def change_amount(self, key: str, amount: Decimal) -> bool:
        """An authorisation that still waits for its customer is of this amount from now on, under its key; whether."""

    def inquire(self, key: str) -> Answer:
        """What became of the request with this key."""
