"""Giving captured money back, never more than was captured, once per reference."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core.audit import record_audit
from oms.core.errors import Invalid
from oms.core.events import emit_many
from oms.core.money import quantise
from oms.core.retrying import retry_on_conflict
from orders.errors import RefundedOtherwise, RefundTooLarge
from orders.models import Order, Payment, PaymentOperation
from orders.queries.refunds import refund_shares
from orders.services.operations import Kind, new_operation
from orders.services.timeline import note
from orders.states import OperationState

_ZERO = Decimal(0)


@retry_on_conflict
@transaction.atomic
def refund_order(*, order_id: int, amount: Decimal, reference: str) -> list[PaymentOperation]:
    """Store the requests to refund `amount`, newest payment first; tasks put them to the gateways.

    The same reference again answers with the same requests; raises `RefundedOtherwise` where those were of
    another amount, and `RefundTooLarge` beyond what was captured and not refunded or asked back yet.
    """
    order = Order.objects.locked(order_id)
    payments = Payment.objects.locked(order_id)
    amount = quantise(amount, order.currency)
    asked = list(PaymentOperation.objects.filter(payment__in=payments, kind=Kind.REFUND).order_by("pk"))
    refunds = [refund for refund in asked if refund.state != OperationState.FAILED]
    asked_before = [refund for refund in refunds if refund.reference == reference]
    if asked_before:
        _require_same([refund for refund in asked if refund.reference == reference], amount)
        return asked_before
    if amount <= 0:
        raise Invalid(
            gettext_noop("A refund is for an amount above zero."), errors={"amount": [gettext_noop("Above zero.")]}
        )
    shares = refund_shares(payments, refunds, amount)
    stored = [new_operation(payment, Kind.REFUND, share, reference=reference) for payment, share in shares]
    left = amount - sum((share for _, share in shares), _ZERO)
    if left > 0:
        raise RefundTooLarge(data={"refundable": str(amount - left), "currency": order.currency})
    PaymentOperation.objects.bulk_create(stored)
    note(order_id=order_id, event="refund.requested", amount=str(amount), reference=reference)
    record_audit(
        "refund.requested", subject=f"order:{order.number}", changes={"amount": str(amount), "reference": reference}
    )
    emit_many("refund.requested", [{"operation_id": operation.pk} for operation in stored])
    return stored


def _require_same(asked: Sequence[PaymentOperation], amount: Decimal) -> None:
    """Where a gateway refused a part, what is left of it is another amount, and still the same refund."""
    whole = sum((refund.amount for refund in asked), _ZERO)
    if whole != amount and all(refund.state != OperationState.FAILED for refund in asked):
        raise RefundedOtherwise(data={"amount": str(whole)})
