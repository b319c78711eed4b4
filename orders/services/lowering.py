"""What was cancelled before it was paid is not asked for: the authorisation that waits is lowered to what is left.

Under the same key, at the platform, too: a second request beside the first one could be paid as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from oms.core.money import apportion
from oms.core.retrying import retry_on_conflict
from orders.gateways import gateway_for
from orders.gateways.simulated import PAYMENT_LINK
from orders.models import Allocation, Order, OrderLine, Payment, PaymentOperation
from orders.services.capturing import share_of
from orders.services.operations import Kind
from orders.services.paying import EXPIRED
from orders.services.timeline import note
from orders.states import PAYMENT_MOVES, AllocationState, OperationState, OrderState, PaymentState

_NOTHING_DUE = (PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.VOIDED)
_NOT_TAKEN = (PaymentState.PENDING, PaymentState.UNKNOWN, PaymentState.AUTHORISED)


def owed_for(order: Order) -> Decimal:
    """What all costs that the customer did not cancel; what merely expired counts, it may be paid late."""
    slices = Allocation.objects.counted().filter(line__order=order)
    given_up = slices.filter(state=AllocationState.CANCELLED).exclude(reason=EXPIRED)
    cancelled = dict(given_up.values_list("line_id").annotate(Sum("quantity")).order_by())
    lines = list(OrderLine.objects.filter(order=order))
    return share_of(lines, Counter({line.pk: line.quantity - cancelled.get(line.pk, 0) for line in lines}), order)


def lower_awaited_payment(*, order_id: int) -> None:
    """Ask for what is still to be paid, where a link waits for its customer. Repeats are harmless.

    The platform first: once a customer has paid there, the amount stays as it was, and what is over is given back.
    """
    found = _waiting(order_id)
    if found is None:
        return
    operation, due = found
    if gateway_for(operation.payment.gateway).change_amount(operation.key, due):
        _write_down(operation=operation, due=due)


def _waiting(order_id: int) -> tuple[PaymentOperation, Decimal] | None:
    """The one request that waits for the order's customer, and what it should be of."""
    order = Order.objects.get(pk=order_id)
    payments = list(Payment.objects.filter(order=order).exclude(state__in=_NOTHING_DUE))
    waiting = [each for each in payments if each.method == PAYMENT_LINK and each.state == PaymentState.PENDING]
    if order.state != OrderState.PENDING_PAYMENT or len(waiting) != 1:
        return None
    asked = PaymentOperation.objects.filter(payment=waiting[0], kind=Kind.AUTHORISE, state=OperationState.PENDING)
    operation = asked.select_related("payment").first()
    others = sum((each.amount for each in payments if each != waiting[0]), Decimal(0))
    due = max(owed_for(order) - others, Decimal(0))
    return None if operation is None or due > operation.amount else (operation, due)


def left_to_ask(*, order: Order, unasked: Sequence[Payment]) -> Decimal:
    """What is still to be paid of what no gateway was asked for yet: without what was cancelled since."""
    others = Payment.objects.filter(order=order).exclude(state__in=_NOTHING_DUE).exclude(pk__in=[p.pk for p in unasked])
    taken = others.aggregate(amount=Sum("amount"))["amount"] or Decimal(0)
    asked = sum((each.amount for each in unasked), Decimal(0))
    return min(max(owed_for(order) - taken, Decimal(0)), asked)


def lower_unasked(*, order: Order, unasked: Sequence[Payment]) -> list[Payment]:
    """Leave of them what is still to be paid; those of which something is. The order is locked."""
    due = left_to_ask(order=order, unasked=unasked)
    if due == sum(each.amount for each in unasked):
        return list(unasked)
    for each, amount in zip(unasked, apportion(due, [each.amount for each in unasked], order.currency), strict=True):
        each.amount = amount
    Payment.objects.bulk_update(unasked, ["amount"])
    note(order_id=order.pk, event="payment.lowered")
    needless = [each.pk for each in unasked if not each.amount]
    PAYMENT_MOVES.move_all(Payment.objects.filter(pk__in=needless), frm=[PaymentState.PENDING], to=PaymentState.FAILED)
    return [each for each in unasked if each.amount]


@retry_on_conflict
@transaction.atomic
def _write_down(*, operation: PaymentOperation, due: Decimal) -> None:
    order_id = operation.payment.order_id
    Order.objects.locked(order_id)
    payment = next(each for each in Payment.objects.locked(order_id) if each.pk == operation.payment_id)
    if payment.amount > due and payment.state in _NOT_TAKEN:
        Payment.objects.filter(pk=payment.pk).update(amount=due)
        PaymentOperation.objects.filter(pk=operation.pk).update(amount=due)
        note(order_id=order_id, event="payment.lowered")
