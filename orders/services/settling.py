"""A gateway says that something became of a payment: it is asked what, and the order is told."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from oms.core.errors import NotFound
from orders.models import Order, Payment, PaymentOperation
from orders.services.operations import Kind
from orders.services.reconciling import reconcile_payment


def hear_gateway(*, gateway: str, key: str) -> Order:
    """The order as it is then. The message is not believed: the gateway's answer to an inquiry is.

    Repeats are harmless. Money that comes for an order that is over finds it again by its own event.
    """
    operation = PaymentOperation.objects.filter(key=key, payment__gateway=gateway).select_related("payment").first()
    if operation is None:
        raise NotFound(gettext_noop("No request with this key was made."))
    reconcile_payment(operation_id=operation.pk)
    return Order.objects.get(pk=operation.payment.order_id)


def waiting_key_of(payment: Payment) -> str | None:
    """The key of this payment's own authorisation, while it waits for somebody to act on it."""
    operations = PaymentOperation.objects.open().filter(payment=payment, kind=Kind.AUTHORISE)
    return operations.order_by("pk").values_list("key", flat=True).first()


def was_refused(payment: Payment) -> bool:
    """Whether the customer's last card was refused, and another may be tried."""
    operations = PaymentOperation.objects.open().filter(payment=payment, kind=Kind.AUTHORISE)
    return operations.exclude(failure="").exists()


def waiting_key(order: Order) -> tuple[str, str] | None:
    """Gateway and key of the authorisation somebody must still act on, for an order that waits for it."""
    operations = PaymentOperation.objects.open().filter(payment__order=order, kind=Kind.AUTHORISE)
    found = operations.order_by("pk").values_list("payment__gateway", "key").first()
    return None if found is None else (found[0], found[1])
