"""Authorising an order's payments, and what their outcome makes of the order.

The order and its authorisations are stored first, then the gateways are asked outside any transaction,
then their answers are written down. Whoever dies in between leaves open operations that the sweeper
takes up with the same keys.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from oms.core import clock
from oms.core.errors import ConcurrentChange
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from orders.gateways import gateway_for, is_known
from orders.gateways.protocol import Answer, Outcome
from orders.models import Allocation, Order, Payment, PaymentOperation
from orders.services.operations import NEVER_ASKED, ask, record_answer
from orders.services.timeline import note
from orders.services.writing import write_confirmation
from orders.states import (
    ALLOCATION_MOVES,
    ORDER_MOVES,
    PAYMENT_MOVES,
    AllocationState,
    OrderState,
    PaymentState,
)
from stock.services.reserving import release_reservations

Answered = tuple[PaymentOperation, Answer]
# Why the slices of an order are cancelled that was not paid in time: it may be paid late.
EXPIRED = "expired"


def authorise_payments(*, order: Order, operations: Sequence[PaymentOperation]) -> Order:
    """Ask for every authorisation in turn, and conclude. After a refusal the others are not asked for."""
    answers: list[Answered] = []
    refused = False
    for operation in operations:
        answer = NEVER_ASKED if refused else ask(operation, order_number=order.number)
        refused = refused or answer.outcome == Outcome.REFUSED
        answers.append((operation, answer))
    if all(answer.outcome == Outcome.SUCCEEDED for _, answer in answers) and _confirm_at_once(order, answers):
        return order
    return conclude_authorisations(order_id=order.pk, answers=answers)


@retry_on_conflict
@transaction.atomic
def _confirm_at_once(order: Order, answers: Sequence[Answered]) -> bool:
    """The road nearly every order takes; False when it has to go the long one."""
    if not write_confirmation(order, answers):
        return False
    emit("order.placed", order_id=order.pk)
    return True


@retry_on_conflict
@transaction.atomic
def conclude_authorisations(*, order_id: int, answers: Sequence[Answered]) -> Order:
    """Write the answers down and do what they mean: confirm the order, refuse it, or let it wait.

    A card refused where somebody stands by leaves the order waiting for another one (`pay_again`). The stock of a
    refused order is free before this returns. An order that is no longer waiting (it expired, somebody cancelled it)
    is left as it is: `payment.authorised_late` looks after the money.
    """
    released = _release_if_over(order_id, answers)
    order = Order.objects.locked(order_id)
    if released is not None and (order.state != OrderState.PENDING_PAYMENT or live_reservations(order_id) != released):
        raise ConcurrentChange
    payments = {payment.pk: payment for payment in Payment.objects.locked(order_id)}
    changed = [
        record_answer(operation, answer, payment=payments[operation.payment_id]) for operation, answer in answers
    ]
    answered = {operation.payment_id for (operation, _), is_news in zip(answers, changed, strict=True) if is_news}
    refused = [payments[pk] for pk in sorted(answered) if payments[pk].state == PaymentState.FAILED]
    # What failed before was asked for anew since.
    states = {payment.state for payment in payments.values()} - {PaymentState.FAILED}
    if released is not None and not refused:
        # Another answer to the same request was written down first.
        raise ConcurrentChange
    if order.state == OrderState.PENDING_PAYMENT:
        if any(not _is_attended(payment) for payment in refused):
            _refuse(order)
        elif refused:
            _await_another_card(order, refused)
        elif states == {PaymentState.AUTHORISED}:
            confirm_order(order)
    elif PaymentState.AUTHORISED in states and any(changed) and order.state != OrderState.CONFIRMED:
        emit("payment.authorised_late", order_id=order_id)
    return order


def _release_if_over(order_id: int, answers: Sequence[Answered]) -> list[int] | None:
    """Free the stock of an order that is about to be refused, before anything else is locked; what it held.

    None where nobody waits for that answer any more.
    """
    refused = [
        operation.pk
        for operation, answer in answers
        if answer.outcome == Outcome.REFUSED and not _is_attended(operation.payment)
    ]
    awaited = PaymentOperation.objects.open().filter(pk__in=refused)
    if not refused or not awaited.filter(payment__order__state=OrderState.PENDING_PAYMENT).exists():
        return None
    ids = live_reservations(order_id)
    release_reservations(ids=ids)
    return ids


def _is_attended(payment: Payment) -> bool:
    return is_known(payment.gateway) and gateway_for(payment.gateway).is_attended


def _await_another_card(order: Order, refused: Sequence[Payment]) -> None:
    """The same amounts are still to be paid, in whatever way is chosen next. The order is locked."""
    Payment.objects.bulk_create(
        Payment(
            order=order,
            gateway=payment.gateway,
            method=payment.method,
            amount=payment.amount,
            currency=payment.currency,
        )
        for payment in refused
    )
    note(order_id=order.pk, event="payment.card_refused")


def end_unasked_payments(order_id: int) -> None:
    """Nothing more is asked for an order that is over. The order is locked."""
    PAYMENT_MOVES.move_all(
        Payment.objects.unasked().filter(order_id=order_id), frm=[PaymentState.PENDING], to=PaymentState.EXPIRED
    )


def confirm_order(order: Order) -> None:
    """The order is accepted: from here on its goods are sourced. The order is locked."""
    ORDER_MOVES.move(order, OrderState.CONFIRMED, confirmed_at=clock.now(), pay_by=None)
    note(order_id=order.pk, event="order.confirmed")
    emit("order.placed", order_id=order.pk)


def _refuse(order: Order) -> None:
    """No money, no order: the slices are cancelled and the external reference is free for another attempt."""
    now = clock.now()
    ORDER_MOVES.move(order, OrderState.CANCELLED, cancelled_at=now, refused_at=now, pay_by=None)
    cancel_all_slices(order.pk, reason="payment_refused")
    end_unasked_payments(order.pk)
    note(order_id=order.pk, event="payment.refused")
    emit("order.cancelled", order_id=order.pk)


def live_reservations(order_id: int) -> list[int]:
    """The reservations behind an order's slices. Releasing passes over those already ended: whoever read them
    unlocked reads them again once the order is locked, and starts again where they are others.
    """
    return list(
        Allocation.objects.filter(line__order_id=order_id, state__in=AllocationState.reserving())
        .exclude(reservation=None)
        .order_by("reservation_id")
        .values_list("reservation_id", flat=True)
    )


def cancel_all_slices(order_id: int, *, reason: str) -> None:
    """Every slice of an order that nobody works on is cancelled. Its stock was released, the order is locked."""
    waiting = Allocation.objects.filter(line__order_id=order_id)
    ALLOCATION_MOVES.move_all(
        waiting,
        frm=[AllocationState.RESERVED, AllocationState.UNFILLABLE, AllocationState.BACKORDERED],
        to=AllocationState.CANCELLED,
        reason=reason,
        changed_at=clock.now(),
    )
    if waiting.exclude(state=AllocationState.CANCELLED).exclude(state__in=AllocationState.history()).exists():
        raise ConcurrentChange
    sync_cancelled_quantities(order_id)


_SYNC_CANCELLED = """
UPDATE orders_orderline l SET cancelled_quantity = c.units
FROM (
    SELECT a.line_id, coalesce(sum(a.quantity) FILTER (WHERE a.state = 'cancelled'), 0) AS units
    FROM orders_allocation a JOIN orders_orderline o ON o.id = a.line_id
    WHERE o.order_id = %s GROUP BY a.line_id
) c
WHERE l.id = c.line_id AND l.cancelled_quantity <> c.units
"""


def sync_cancelled_quantities(order_id: int) -> None:
    """A line's `cancelled_quantity` is the sum of its cancelled slices. The order is locked."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(_SYNC_CANCELLED, [order_id])
