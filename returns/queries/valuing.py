"""What returned goods are worth, and which tenders the money goes back to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from orders.models import Order, OrderLine, Payment
from orders.queries.refunds import live_refunds, refund_shares
from orders.services.pricing import cumulative_share
from orders.states import PaymentState
from returns.models import Disposition, Return, ReturnClaim, ReturnLine, ReturnPolicy
from returns.models.policies import ShippingRefund
from returns.queries.policies import policy_for
from returns.queries.returnable import banner_of

_ZERO = Decimal(0)
# Money of these payments may still be captured.
_COMING = (PaymentState.PENDING, PaymentState.UNKNOWN, PaymentState.AUTHORISED, PaymentState.PARTIALLY_CAPTURED)


@dataclass(frozen=True, slots=True)
class Share:
    """So many units of a claim, and what they cost."""

    claim: ReturnClaim
    quantity: int
    amount: Decimal


@dataclass(frozen=True)
class Value:
    """`total = goods + shipping - fee`, never below zero. `shares` by claim, those without units left out."""

    shares: Sequence[Share]
    goods: Decimal
    shipping: Decimal
    fee: Decimal
    currency: str

    @property
    def total(self) -> Decimal:
        return max(_ZERO, self.goods + self.shipping - self.fee)


@dataclass(frozen=True)
class RefundPreview:
    """`amount` goes back by `tenders`: all of the value that was captured and not given back before.

    `is_waiting`: part of it is not captured yet. `is_paid_elsewhere`: no payment of the order is known here.
    """

    value: Value
    amount: Decimal
    captured: Decimal
    tenders: Sequence[tuple[Payment, Decimal]]
    is_waiting: bool
    is_paid_elsewhere: bool


def refund_preview(returned: Return) -> RefundPreview:
    """What a refund would give back now. The return has an order."""
    order = returned.order
    assert order is not None
    value = value_of(returned, policy_for(banner_of(order)))
    payments = list(Payment.objects.filter(order=order).order_by("pk"))
    return preview_of(value, payments, order)


def preview_of(value: Value, payments: Sequence[Payment], order: Order) -> RefundPreview:
    """`payments` in primary-key order, locked where something follows from it."""
    tenders = refund_shares(payments, live_refunds(order.pk), value.total)
    amount = sum((share for _, share in tenders), _ZERO)
    coming = any(
        payment.state in _COMING and payment.amount > payment.captured + payment.voided for payment in payments
    )
    return RefundPreview(
        value=value,
        amount=amount,
        captured=sum((payment.captured for payment in payments), _ZERO),
        tenders=tenders,
        is_waiting=coming and amount < value.total,
        is_paid_elsewhere=not payments,
    )


def value_of(returned: Return, policy: ReturnPolicy) -> Value:
    """What its refundable units cost; before inspection as if everything were found refundable.

    A unit is worth its share of its line's total, discount included. Shares are differences of cumulative
    shares, so that all units of a line are worth its total to the cent, in whatever returns they come back.
    """
    order = returned.order
    assert order is not None
    claims = list(
        ReturnClaim.objects.filter(line__returned=returned).select_related("order_line", "line").order_by("pk")
    )
    before = refunded_before(order, returned)
    shares = list(_shares(claims, _refundable_units(returned, policy), before, order.currency))
    goods = sum((share.amount for share in shares), _ZERO)
    return Value(
        shares=shares,
        goods=goods,
        shipping=_shipping(order, returned, policy, shares, before),
        fee=min(returned.return_shipping_fee, goods),
        currency=order.currency,
    )


def refunded_before(order: Order, returned: Return) -> Mapping[int, int]:
    """Order line id → its units that other returns refunded."""
    others = ReturnClaim.objects.filter(order_line__order=order).exclude(line__returned=returned)
    return dict(others.order_by().values_list("order_line_id").annotate(Sum("refunded_quantity")))


def _refundable_units(returned: Return, policy: ReturnPolicy) -> Mapping[int, int]:
    """Return line id → units whose grade the policy refunds; all of them while nothing was inspected."""
    found = Disposition.objects.filter(line__returned=returned)
    if found.exists():
        graded = found.filter(grade__in=policy.refunded_grades).order_by()
        return dict(graded.values_list("line_id").annotate(Sum("quantity")))
    column = "received_quantity" if returned.received_at is not None else "quantity"
    return dict(ReturnLine.objects.filter(returned=returned).values_list("pk", column))


def _shares(
    claims: Sequence[ReturnClaim], units: Mapping[int, int], before: Mapping[int, int], currency: str
) -> Iterator[Share]:
    left, done = Counter(units), Counter(before)
    for claim in claims:
        quantity = min(claim.quantity, left[claim.line_id])
        if quantity <= 0:
            continue
        line, first = claim.order_line, done[claim.order_line_id]
        upto = cumulative_share(line.total, first + quantity, line.quantity, currency)
        left[claim.line_id] -= quantity
        done[claim.order_line_id] += quantity
        yield Share(claim, quantity, upto - cumulative_share(line.total, first, line.quantity, currency))


def _shipping(
    order: Order, returned: Return, policy: ReturnPolicy, shares: Sequence[Share], before: Mapping[int, int]
) -> Decimal:
    """The price of the delivery, once, with the last unit of everything that was delivered."""
    if policy.refunds_shipping != ShippingRefund.WHOLE_ORDER or not order.shipping or not shares:
        return _ZERO
    refunded = sum(before.values()) + sum(share.quantity for share in shares)
    kept = OrderLine.objects.filter(order=order).aggregate(units=Sum("quantity") - Sum("cancelled_quantity"))["units"]
    if refunded < kept:
        return _ZERO
    given = Return.objects.filter(order=order).exclude(pk=returned.pk).aggregate(amount=Sum("shipping_amount"))
    return order.shipping - (given["amount"] or _ZERO)
