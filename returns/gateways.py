"""The gateway a replacement is paid through: its money is what the returned goods were worth.

A return that is being exchanged grants its `credit_amount` to the order that replaces the goods, and to
nobody else: the payment's token is the return's number, signed. Books are kept as any gateway keeps them:
the same key gets the same answer. Credit the replacement did not need in the end (it was cancelled, or
sent back) is money of the first order's payments again: `return.credit_returned` has it refunded there.
"""

from __future__ import annotations

from decimal import Decimal

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.events import emit
from orders.gateways.protocol import Answer, AuthoriseRequest, MoneyRequest, Outcome
from returns.models import CreditEntry, Return
from returns.states import ReturnState

EXCHANGE = "exchange"
Kind = CreditEntry.Kind
_ZERO = Decimal(0)
_signer = Signer(salt="returns.exchange")


def token_for(returned: Return) -> str:
    """What lets an order be paid with this return's credit."""
    return _signer.sign(returned.number)


def spent_credit(returned: Return) -> Decimal:
    """What orders hold or took of the return's credit, by the books; what they gave back unused does not count."""
    entries = CreditEntry.objects.filter(returned=returned, is_granted=True)
    return _sum(entries.filter(kind=Kind.AUTHORISE)) - _sum(entries.filter(kind=Kind.VOID))


class ExchangeGateway:
    code = EXCHANGE
    is_attended = False

    @transaction.atomic
    def authorise(self, request: AuthoriseRequest) -> Answer:
        returned = _return_of(request.token)
        failure = _objection(returned, request)
        return _enter(
            CreditEntry(
                returned=returned,
                key=request.key,
                kind=Kind.AUTHORISE,
                amount=request.amount,
                currency=request.currency,
                is_granted=not failure,
                failure=failure,
            )
        )

    def capture(self, request: MoneyRequest) -> Answer:
        return self._follow(Kind.CAPTURE, request)

    def void(self, request: MoneyRequest) -> Answer:
        return self._follow(Kind.VOID, request)

    def refund(self, request: MoneyRequest) -> Answer:
        return self._follow(Kind.REFUND, request)

    def change_amount(self, key: str, amount: Decimal) -> bool:
        """Nothing of it ever waits for a customer."""
        return False

    def inquire(self, key: str) -> Answer:
        entry = CreditEntry.objects.filter(key=key).first()
        return Answer(Outcome.NOT_FOUND) if entry is None else _told(entry)

    @transaction.atomic
    def _follow(self, kind: str, request: MoneyRequest) -> Answer:
        """A request about an earlier authorisation, decided while that one is locked."""
        pk = int(request.authorisation.removeprefix("CR"))
        authorisation = CreditEntry.objects.select_for_update(of=("self",)).get(pk=pk, kind=Kind.AUTHORISE)
        known = CreditEntry.objects.filter(key=request.key).first()
        if known is not None:
            return _told(known)
        failure = _refusal(kind, request.amount, authorisation)
        entry = CreditEntry(
            returned_id=authorisation.returned_id,
            key=request.key,
            kind=kind,
            authorisation=authorisation,
            amount=request.amount,
            currency=request.currency,
            is_granted=not failure,
            failure=failure,
        )
        answer = _enter(entry)
        if kind in (Kind.VOID, Kind.REFUND) and not failure:
            emit("return.credit_returned", entry_id=entry.pk)
        return answer


def _return_of(token: str) -> Return | None:
    """The return whose credit it is, locked: two orders never spend the same credit."""
    try:
        number = _signer.unsign(token)
    except BadSignature:
        return None
    return (
        Return.objects.select_for_update(no_key=True, of=("self",))
        .select_related("order")
        .filter(number=number)
        .first()
    )


def _objection(returned: Return | None, request: AuthoriseRequest) -> str:
    if returned is None:
        return gettext_noop("No return grants this credit.")
    if returned.state != ReturnState.INSPECTED or returned.settlement != Return.Settlement.EXCHANGE:
        return gettext_noop("The return is not being exchanged.")
    if returned.order is None or returned.order.currency != request.currency:
        return gettext_noop("The returned goods were paid in another currency.")
    is_too_much = spent_credit(returned) + request.amount > returned.credit_amount
    return gettext_noop("More than the returned goods are worth.") if is_too_much else ""


def _refusal(kind: str, amount: Decimal, authorisation: CreditEntry) -> str:
    """Why the books do not allow it; empty when they do."""
    if not authorisation.is_granted:
        return gettext_noop("Nothing was authorised.")
    done = authorisation.followed_by.filter(is_granted=True)
    captured, voided, refunded = (_sum(done.filter(kind=each)) for each in (Kind.CAPTURE, Kind.VOID, Kind.REFUND))
    if kind == Kind.REFUND:
        return gettext_noop("More than was captured.") if refunded + amount > captured else ""
    return gettext_noop("More than was authorised.") if captured + voided + amount > authorisation.amount else ""


def _sum(entries: QuerySet[CreditEntry]) -> Decimal:
    return entries.aggregate(amount=Sum("amount"))["amount"] or _ZERO


def _enter(entry: CreditEntry) -> Answer:
    """The entry as it stands in the books: the first one with its key."""
    known = CreditEntry.objects.filter(key=entry.key).first()
    if known is not None:
        return _told(known)
    entry.at = clock.now()
    entry.save(force_insert=True)
    return _told(entry)


def _told(entry: CreditEntry) -> Answer:
    outcome = Outcome.SUCCEEDED if entry.is_granted else Outcome.REFUSED
    return Answer(outcome, reference=entry.reference, failure=entry.failure)
