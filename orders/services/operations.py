"""Asking a gateway, and keeping what it answered. Every request to a gateway goes through here.

The key is committed before the call; the call stands outside any transaction; the answer is recorded in
its own. What is not known stays open under its key and is asked about again, never asked for again.
"""

from __future__ import annotations

import uuid
from decimal import Decimal

import structlog
from django.db.models import F

from oms.core import clock
from oms.core.events import emit
from orders.gateways import gateway_for
from orders.gateways.protocol import Answer, AuthoriseRequest, GatewayUnavailable, MoneyRequest, Outcome
from orders.models import Payment, PaymentOperation
from orders.services.timeline import note
from orders.states import OPERATION_MOVES, PAYMENT_MOVES, OperationState, PaymentState

logger = structlog.get_logger(__name__)

Kind = PaymentOperation.Kind
NEVER_ASKED = Answer(Outcome.REFUSED, failure="never asked")

_STATE_OF = {
    Outcome.SUCCEEDED: OperationState.SUCCEEDED,
    Outcome.REFUSED: OperationState.FAILED,
    Outcome.UNKNOWN: OperationState.UNKNOWN,
}


def new_key(kind: str) -> str:
    """The one thing a gateway will ever know the request by."""
    return f"{kind}-{uuid.uuid4().hex}"


def new_operation(payment: Payment, kind: str, amount: Decimal, *, reference: str = "") -> PaymentOperation:
    """A request to be stored, with the key that is all it will ever be asked by."""
    return PaymentOperation(
        payment=payment,
        kind=kind,
        key=new_key(kind),
        amount=amount,
        reference=reference,
        asked_at=clock.now(),
    )


def ask(operation: PaymentOperation, *, order_number: str) -> Answer:
    """Put the request to its gateway. No answer, of whatever sort, is `UNKNOWN`."""
    payment = operation.payment
    gateway = gateway_for(payment.gateway)
    try:
        if operation.kind == Kind.AUTHORISE:
            return gateway.authorise(
                AuthoriseRequest(
                    key=operation.key,
                    amount=operation.amount,
                    currency=payment.currency,
                    method=payment.method,
                    token=payment.token,
                    order_number=order_number,
                )
            )
        about = MoneyRequest(
            key=operation.key,
            amount=operation.amount,
            currency=payment.currency,
            authorisation=payment.gateway_reference,
        )
        call = {Kind.CAPTURE: gateway.capture, Kind.VOID: gateway.void, Kind.REFUND: gateway.refund}
        return call[Kind(operation.kind)](about)
    except Exception as error:
        return _no_answer(operation, error)


def ask_again(operation: PaymentOperation, *, order_number: str) -> Answer:
    """What became of a request; one that never arrived is put again, with the key it always had."""
    answer = inquire(operation)
    return ask(operation, order_number=order_number) if answer.outcome == Outcome.NOT_FOUND else answer


def inquire(operation: PaymentOperation) -> Answer:
    """What became of a request that was put to the gateway before."""
    try:
        return gateway_for(operation.payment.gateway).inquire(operation.key)
    except Exception as error:
        return _no_answer(operation, error)


def _no_answer(operation: PaymentOperation, error: Exception) -> Answer:
    """Whatever went wrong, the request may have arrived: only an inquiry can tell."""
    expected = isinstance(error, GatewayUnavailable)
    logger.warning("gateway.no_answer", operation=operation.pk, error=repr(error), exc_info=not expected)
    return Answer(Outcome.UNKNOWN)


def record_answer(operation: PaymentOperation, answer: Answer, *, payment: Payment) -> bool:
    """Write one answer down; False when the operation had been answered already. The payment is locked."""
    now = clock.now()
    if answer.outcome == Outcome.PENDING and answer.failure and not operation.failure:
        note(order_id=payment.order_id, event="payment.card_refused")
        operation.failure = answer.failure[:200]
        PaymentOperation.objects.filter(pk=operation.pk).update(failure=operation.failure)
    if answer.outcome == Outcome.PENDING and operation.kind == Kind.AUTHORISE:
        _wait_again(operation, payment)
    if answer.outcome in (Outcome.PENDING, Outcome.NOT_FOUND) or (
        answer.outcome == Outcome.UNKNOWN and operation.state == OperationState.UNKNOWN
    ):
        PaymentOperation.objects.filter(pk=operation.pk).update(asked_at=now)
        return False
    state = _STATE_OF[answer.outcome]
    changed = OPERATION_MOVES.move_all(
        PaymentOperation.objects.filter(pk=operation.pk),
        frm=OPERATION_MOVES.leading_to(state),
        to=state,
        answered_at=now,
        gateway_reference=answer.reference,
        failure=answer.failure[:200],
    )
    if not changed:
        return False
    operation.state = state
    if state == OperationState.UNKNOWN:
        emit("payment.unknown", operation_id=operation.pk, order_id=payment.order_id)
    _apply(operation, answer, payment)
    return True


def _wait_again(operation: PaymentOperation, payment: Payment) -> None:
    """Nobody knew, and now it is known that nothing was charged: the same request, under its only key, waits for the
    customer. A new one beside it could be charged, too.
    """
    unknown = PaymentOperation.objects.filter(pk=operation.pk)
    if OPERATION_MOVES.move_all(unknown, frm=[OperationState.UNKNOWN], to=OperationState.PENDING, answered_at=None):
        operation.state = OperationState.PENDING
        PAYMENT_MOVES.move(payment, PaymentState.PENDING)
        note(order_id=payment.order_id, event="payment.found_open")


def _apply(operation: PaymentOperation, answer: Answer, payment: Payment) -> None:
    """What the answer means for the payment."""
    if operation.kind == Kind.AUTHORISE:
        authorised = {
            OperationState.SUCCEEDED: PaymentState.AUTHORISED,
            OperationState.FAILED: PaymentState.FAILED,
            OperationState.UNKNOWN: PaymentState.UNKNOWN,
        }
        PAYMENT_MOVES.move(payment, authorised[OperationState(operation.state)], gateway_reference=answer.reference)
    elif operation.state == OperationState.SUCCEEDED:
        column = {Kind.CAPTURE: "captured", Kind.VOID: "voided", Kind.REFUND: "refunded"}[Kind(operation.kind)]
        setattr(payment, column, getattr(payment, column) + operation.amount)
        changes = {column: F(column) + operation.amount}
        state = state_of_money(payment)
        if state == payment.state:
            Payment.objects.filter(pk=payment.pk).update(**changes)
        else:
            PAYMENT_MOVES.move(payment, state, **changes)
        if operation.kind == Kind.REFUND:
            emit("refund.succeeded", operation_id=operation.pk, order_id=payment.order_id)


def state_of_money(payment: Payment) -> str:
    """The state of an authorised payment, from its sums."""
    is_over = payment.captured + payment.voided >= payment.amount
    if payment.refunded:
        is_refunded = is_over and payment.refunded >= payment.captured
        return PaymentState.REFUNDED if is_refunded else PaymentState.PARTIALLY_REFUNDED
    if payment.captured:
        return PaymentState.CAPTURED if is_over else PaymentState.PARTIALLY_CAPTURED
    return PaymentState.VOIDED if is_over and payment.voided else PaymentState.AUTHORISED
