"""Where refunded money goes: back to the tenders it came from."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from orders.models import Payment, PaymentOperation

_ZERO = Decimal(0)


def refund_shares(
    payments: Sequence[Payment], refunds: Sequence[PaymentOperation], amount: Decimal
) -> list[tuple[Payment, Decimal]]:
    """What of `amount` each payment gives back, the newest first, never more than was captured of it.

    What pays for another order since (an exchange) is as gone as what was refunded.
    `payments` in primary-key order, `refunds` all that were asked for and did not fail. Less than `amount`
    together where less is left.
    """
    shares, left = [], amount
    for payment in reversed(payments):
        free = (
            payment.captured
            - payment.transferred
            - sum((each.amount for each in refunds if each.payment_id == payment.pk), _ZERO)
        )
        share = min(left, free)
        if share > 0:
            shares.append((payment, share))
            left -= share
    return shares


def live_refunds(order_id: int) -> list[PaymentOperation]:
    """Refunds of an order that moved money, or may have."""
    refunds = PaymentOperation.objects.live().filter(payment__order_id=order_id, kind=PaymentOperation.Kind.REFUND)
    return list(refunds.order_by("pk"))
