"""After a refused card: the same order, its stock kept, is paid with another card or in another way."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.errors import StateConflict
from oms.core.events import emit
from oms.core.retrying import retry_on_conflict
from orders.gateways.simulated import PAYMENT_LINK
from orders.models import Order, Payment, PaymentOperation
from orders.services.lowering import lower_unasked
from orders.services.operations import Kind, ask, new_operation
from orders.services.paying import conclude_authorisations
from orders.services.requests import RequestedPayment
from orders.states import OrderState


def pay_again(*, order_id: int, payment: RequestedPayment) -> Order:
    """Ask for what was refused once more, in this way.

    Only what no gateway is asked for is asked for: whatever may still be paid is never asked for beside it. Units that
    were cancelled meanwhile are not to be paid; where what is paid already covers the rest, the order is confirmed.
    Raises `StateConflict` where nothing is: it was pressed twice, it is paid, or its time is over.
    """
    operations = _choose_way(order_id=order_id, payment=payment)
    number = Order.objects.values_list("number", flat=True).get(pk=order_id)
    answers = [(operation, ask(operation, order_number=number)) for operation in operations]
    return conclude_authorisations(order_id=order_id, answers=answers)


@retry_on_conflict
@transaction.atomic
def _choose_way(*, order_id: int, payment: RequestedPayment) -> Sequence[PaymentOperation]:
    order = Order.objects.locked(order_id)
    if order.state != OrderState.PENDING_PAYMENT or order.pay_by is None or order.pay_by < clock.now():
        raise StateConflict(gettext_noop("This order no longer waits to be paid."), data={"state": order.state})
    unasked = list(Payment.objects.unasked().filter(order=order).order_by("pk"))
    if not unasked:
        raise StateConflict(gettext_noop("Nothing of this order was refused."), data={"state": order.state})
    unasked = lower_unasked(order=order, unasked=unasked)
    for each in unasked:
        each.gateway, each.method, each.token = payment.gateway, payment.method, payment.token
    Payment.objects.bulk_update(unasked, ["gateway", "method", "token"])
    operations = PaymentOperation.objects.bulk_create(
        new_operation(each, Kind.AUTHORISE, each.amount) for each in unasked
    )
    if operations and payment.method == PAYMENT_LINK:
        emit("payment.awaited", order_id=order_id)
    return operations
