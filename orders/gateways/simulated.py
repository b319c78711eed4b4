"""A gateway that moves no money and behaves like one that does: the demo's, the tests' and the replay's.

Any method is taken. The token `refuse` makes it refuse; `unknown` makes it answer that it does not know,
`timeout` makes the answer get lost, both after the money was really taken. `refuse-capture`,
`timeout-refund` and so on do the same to a later request about that authorisation, and `…-in-vain`
(`timeout-in-vain`) loses the answer to a request that did not succeed. The method `payment_link` stays
pending until the customer pays, which `pay_link` does in his place; a card that `refuse_link` has refused
leaves it pending, for the next card.

Its books are its own table. The same key gets the same answer; `inquire` tells the truth.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_noop

from oms.core.prepared import prepared_cursor
from orders.gateways.protocol import Answer, AuthoriseRequest, GatewayUnavailable, MoneyRequest, Outcome
from orders.models.simulated import SimulatedTransaction

AUTHORISE, CAPTURE, VOID, REFUND = "authorise", "capture", "void", "refund"
PAYMENT_LINK = "payment_link"
REFUSAL = gettext_noop("Refused by the simulated bank.")

Truth = SimulatedTransaction.Truth
Told = SimulatedTransaction.Told


class SimulatedGateway:
    code = "simulated"
    is_attended = False

    def authorise(self, request: AuthoriseRequest) -> Answer:
        truth, told = _provoked(request.token, AUTHORISE)
        if request.method == PAYMENT_LINK and truth == Truth.SUCCEEDED:
            truth = Truth.PENDING
        return _tell(
            enter(
                SimulatedTransaction(
                    key=request.key,
                    kind=AUTHORISE,
                    amount=request.amount,
                    currency=request.currency,
                    method=request.method,
                    token=request.token,
                    truth=truth,
                    answer=told,
                    failure=REFUSAL if truth == Truth.REFUSED else "",
                )
            )
        )

    def capture(self, request: MoneyRequest) -> Answer:
        return self._follow(CAPTURE, request)

    def void(self, request: MoneyRequest) -> Answer:
        return self._follow(VOID, request)

    def refund(self, request: MoneyRequest) -> Answer:
        return self._follow(REFUND, request)

    def inquire(self, key: str) -> Answer:
        entry = SimulatedTransaction.objects.filter(key=key).first()
        return Answer(Outcome.NOT_FOUND) if entry is None else truth_of(entry)

    def change_amount(self, key: str, amount: Decimal) -> bool:
        waiting = SimulatedTransaction.objects.filter(key=key, kind=AUTHORISE, truth=Truth.PENDING)
        return bool(waiting.update(amount=amount))

    def pay_link(self, key: str) -> None:
        """The customer opens the link and pays."""
        SimulatedTransaction.objects.filter(key=key, truth=Truth.PENDING).update(truth=Truth.SUCCEEDED, failure="")

    def refuse_link(self, key: str) -> None:
        """The customer opens the link and his bank refuses the card: the link waits for another."""
        SimulatedTransaction.objects.filter(key=key, truth=Truth.PENDING).update(failure=REFUSAL)

    def _follow(self, kind: str, request: MoneyRequest) -> Answer:
        """A request about an earlier authorisation, decided while that one is locked."""
        with transaction.atomic():
            pk = int(request.authorisation.removeprefix("SIM"))
            authorisation = SimulatedTransaction.objects.select_for_update().get(pk=pk, kind=AUTHORISE)
            truth, told = _provoked(authorisation.token, kind)
            failure = _objection(kind, request.amount, authorisation)
            if failure or truth == Truth.REFUSED:
                truth, failure = Truth.REFUSED, failure or REFUSAL
            entry = enter(
                SimulatedTransaction(
                    key=request.key,
                    kind=kind,
                    authorisation=authorisation,
                    amount=request.amount,
                    currency=request.currency,
                    truth=truth,
                    answer=told,
                    failure=failure,
                )
            )
        return _tell(entry)


def _provoked(token: str, kind: str) -> tuple[Truth, Told]:
    """What a token makes of one kind of request: what happens, and what the caller is told."""
    words = token.split("-", 1)
    told = {"unknown": Told.UNKNOWN, "timeout": Told.NOTHING}.get(words[0], Told.TRUTH)
    rest = words[1] if len(words) > 1 else ""
    in_vain = rest.endswith("in-vain")
    about = rest.removesuffix("in-vain").strip("-") or AUTHORISE
    if about != kind or (told == Told.TRUTH and words[0] != "refuse"):
        return Truth.SUCCEEDED, Told.TRUTH
    return (Truth.REFUSED if in_vain or words[0] == "refuse" else Truth.SUCCEEDED), told


def _objection(kind: str, amount: Decimal, authorisation: SimulatedTransaction) -> str:
    """Why the books do not allow it; empty when they do."""
    if authorisation.truth != Truth.SUCCEEDED:
        return gettext_noop("Nothing was authorised.")
    done = dict(
        authorisation.followed_by.filter(truth=Truth.SUCCEEDED).values_list("kind").annotate(Sum("amount")).order_by()
    )
    captured = done.get(CAPTURE, Decimal(0))
    if kind == CAPTURE and VOID in done:
        return gettext_noop("The authorisation was voided.")
    if kind == CAPTURE and captured + amount > authorisation.amount:
        return gettext_noop("More than was authorised.")
    if kind == VOID and captured >= authorisation.amount:
        return gettext_noop("Nothing is left to void.")
    if kind == REFUND and done.get(REFUND, Decimal(0)) + amount > captured:
        return gettext_noop("More than was captured.")
    return ""


_ENTER = """
INSERT INTO orders_simulatedtransaction
    (key, kind, authorisation_id, amount, currency, method, token, truth, answer, failure, at)
VALUES (%s, %s, %s::bigint, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (key) DO NOTHING RETURNING id
"""


def enter(entry: SimulatedTransaction) -> SimulatedTransaction:
    """The entry as it stands in the books: the first one with its key."""
    columns = (
        *(entry.key, entry.kind, entry.authorisation_id, entry.amount, entry.currency, entry.method, entry.token),
        *(str(entry.truth), str(entry.answer), entry.failure, entry.at),
    )
    with prepared_cursor() as cursor:
        cursor.execute(_ENTER, columns)
        row = cursor.fetchone()
    if row is None:
        return SimulatedTransaction.objects.get(key=entry.key)
    entry.pk = row[0]
    return entry


def _tell(entry: SimulatedTransaction) -> Answer:
    if entry.answer == Told.NOTHING:
        raise GatewayUnavailable
    if entry.answer == Told.UNKNOWN:
        return Answer(Outcome.UNKNOWN)
    return truth_of(entry)


def truth_of(entry: SimulatedTransaction) -> Answer:
    return Answer(Outcome(entry.truth), reference=entry.reference, failure=entry.failure)
