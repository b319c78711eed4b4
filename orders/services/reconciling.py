"""Finding out what became of requests whose answer was lost, by their own keys, until it is known."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from oms.core import clock
from oms.core.retrying import retry_on_conflict
from orders.gateways.protocol import Outcome
from orders.models import Order, Payment, PaymentOperation
from orders.services.capturing import ask_and_record, capture_due
from orders.services.operations import NEVER_ASKED, Kind, ask_again, inquire
from orders.services.paying import conclude_authorisations
from orders.services.timeline import note
from orders.states import OPERATION_MOVES, PAYMENT_MOVES, OperationState, OrderState, PaymentState

# A request without an answer for so long was abandoned by whoever made it.
ABANDONED_AFTER = timedelta(minutes=1)
# A customer who has not paid his link by now never will; his bank has forgotten the authorisation, too.
GIVEN_UP_AFTER = timedelta(days=7)


def reconcile_payment(*, operation_id: int) -> str:
    """Ask what became of one open request and act on it; its state afterwards."""
    operation = PaymentOperation.objects.select_related("payment__order").get(pk=operation_id)
    if operation.state not in (OperationState.PENDING, OperationState.UNKNOWN):
        return operation.state
    if operation.kind != Kind.AUTHORISE:
        state = ask_and_record(operation_id=operation_id)
        # While it was open nothing could be given back.
        capture_due(order_id=operation.payment.order_id)
        return state
    order = operation.payment.order
    is_wanted = order.state == OrderState.PENDING_PAYMENT
    answer = ask_again(operation, order_number=order.number) if is_wanted else inquire(operation)
    if answer.outcome == Outcome.NOT_FOUND:
        # It never arrived, and its order no longer waits for it.
        answer = NEVER_ASKED
    if answer.outcome == Outcome.PENDING and operation.payment.created_at < clock.now() - GIVEN_UP_AFTER:
        return _give_up(operation_id=operation_id)
    conclude_authorisations(order_id=order.pk, answers=[(operation, answer)])
    return operation.state


@retry_on_conflict
@transaction.atomic
def _give_up(*, operation_id: int) -> str:
    """The customer never paid: the payment is over, like the order it was for."""
    operation = PaymentOperation.objects.select_related("payment").get(pk=operation_id)
    order = Order.objects.locked(operation.payment.order_id)
    payment = next(each for each in Payment.objects.locked(order.pk) if each.pk == operation.payment_id)
    if order.state == OrderState.PENDING_PAYMENT or payment.state not in (PaymentState.PENDING, PaymentState.UNKNOWN):
        return operation.state
    OPERATION_MOVES.move(operation, OperationState.FAILED, answered_at=clock.now(), failure="never paid")
    PAYMENT_MOVES.move(payment, PaymentState.EXPIRED)
    note(order_id=order.pk, event="payment.expired", payment=payment.pk)
    return operation.state


def abandoned_operations(*, limit: int = 200) -> list[int]:
    """Open requests nobody is waiting for any more, longest first."""
    return list(
        PaymentOperation.objects.open()
        .filter(asked_at__lt=clock.now() - ABANDONED_AFTER)
        .order_by("asked_at")
        .values_list("pk", flat=True)[:limit]
    )
