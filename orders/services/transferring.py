"""Captured money that pays for another order: what was given back is exchanged, and nobody is charged again."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from orders.errors import RefundTooLarge
from orders.models import Order, Payment
from orders.queries.refunds import live_refunds, refund_shares

_ZERO = Decimal(0)


@transaction.atomic
def transfer_captured(*, order_id: int, amount: Decimal) -> None:
    """So much of the order's captured money is spent elsewhere: it can be refunded no more.

    Raises `RefundTooLarge` beyond what was captured and neither refunded, asked back nor transferred.
    """
    order = Order.objects.locked(order_id)
    payments = Payment.objects.locked(order_id)
    shares = refund_shares(payments, live_refunds(order_id), amount)
    found = sum((share for _, share in shares), _ZERO)
    if found < amount:
        raise RefundTooLarge(data={"refundable": str(found), "currency": order.currency})
    for payment, share in shares:
        payment.transferred += share
    Payment.objects.bulk_update([payment for payment, _ in shares], ["transferred"])


@transaction.atomic
def take_back_transfer(*, order_id: int, amount: Decimal) -> None:
    """So much is not needed elsewhere after all: it can be refunded again. Never more than was transferred."""
    Order.objects.locked(order_id)
    left = amount
    changed = []
    for payment in Payment.objects.locked(order_id):
        share = min(left, payment.transferred)
        if share > 0:
            payment.transferred -= share
            left -= share
            changed.append(payment)
    if left > 0:
        raise ValueError(f"{left} more than was transferred of order {order_id} cannot come back.")
    Payment.objects.bulk_update(changed, ["transferred"])
