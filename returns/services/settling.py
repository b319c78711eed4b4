"""Giving the money back to the tenders it came from, never more than was captured."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum
from django.db.models import Value as Literal
from django.db.models.functions import Coalesce, Concat

from oms.core import clock
from oms.core.errors import StateConflict
from oms.core.retrying import retry_on_conflict
from orders.models import Order, Payment, PaymentOperation
from orders.queries.refunds import live_refunds
from orders.services.refunding import refund_order
from orders.services.transferring import take_back_transfer
from orders.states import OperationState
from returns.errors import NotCaptured, NotInspected, PaidElsewhere
from returns.models import CreditEntry, Return, ReturnClaim
from returns.queries.policies import policy_for
from returns.queries.returnable import banner_of
from returns.queries.units import uninspected_units
from returns.queries.valuing import RefundPreview, Value, preview_of, value_of
from returns.services.locking import lock_return
from returns.services.telling import tell
from returns.states import RETURN_MOVES, ReturnState

# A settled return is looked at again for so long before it is closed for good.
CLOSE_AFTER = timedelta(days=1)
CLOSED_AT_ONCE = 200
_ZERO = Decimal(0)


@retry_on_conflict
@transaction.atomic
def refund_return(*, return_id: int, is_paid_elsewhere: bool = False) -> Return:
    """Ask the order's payments to give back what the inspected goods are worth; tasks put it to the gateways.

    Once: a settled return is answered as it is, and asks again only for what a gateway refused.
    `is_paid_elsewhere`: the caller says that whoever took the money gives it back, and wants it written down.
    Raises `NotInspected`, `NotCaptured` while the money is still to be captured, `PaidElsewhere`.
    """
    returned = lock_return(Return.objects.get(pk=return_id))
    if returned.state == ReturnState.SETTLED:
        _ask_again(returned)
    if returned.state in (ReturnState.SETTLED, ReturnState.CLOSED):
        return returned
    order = require_inspected(returned)
    if returned.settlement:
        raise StateConflict("This return is being exchanged.", data={"state": returned.state})
    value = value_of(returned, policy_for(banner_of(order)))
    preview = preview_of(value, Payment.objects.locked(order.pk), order)
    check_captured(preview, is_paid_elsewhere=is_paid_elsewhere)
    settlement = Return.Settlement.ELSEWHERE if preview.is_paid_elsewhere else Return.Settlement.REFUND
    if preview.amount > 0:
        refund_order(order_id=order.pk, amount=preview.amount, reference=returned.reference)
    settle(returned, value, settlement=settlement, refund_amount=preview.amount)
    return returned


def require_inspected(returned: Return) -> Order:
    """Its order, where every unit that came was looked at."""
    waiting = uninspected_units(returned)
    if returned.state == ReturnState.RECEIVED and waiting:
        rows = [{"sku": line.sku, "quantity": units} for line, units in waiting.items()]
        raise NotInspected(data={"state": returned.state, "lines": rows})
    if returned.state != ReturnState.INSPECTED or returned.order is None:
        raise StateConflict(f"This return is {returned.state}; it cannot be settled.", data={"state": returned.state})
    return returned.order


def settle(
    returned: Return,
    value: Value,
    *,
    settlement: str,
    refund_amount: Decimal,
    credit_amount: Decimal = _ZERO,
    exchange_order: Order | None = None,
) -> None:
    """Write down what was decided; the return and its order are locked."""
    for share in value.shares:
        share.claim.refunded_quantity, share.claim.refund_amount = share.quantity, share.amount
    ReturnClaim.objects.bulk_update([share.claim for share in value.shares], ["refunded_quantity", "refund_amount"])
    RETURN_MOVES.move(
        returned,
        ReturnState.SETTLED,
        settlement=settlement,
        settled_at=clock.now(),
        goods_amount=value.goods,
        shipping_amount=value.shipping,
        return_shipping_fee=value.fee,
        refund_amount=refund_amount,
        credit_amount=credit_amount,
        exchange_order=exchange_order,
    )
    told = {"exchange": exchange_order.number} if exchange_order is not None else {}
    tell(returned, "return.settled", amount=str(refund_amount), worth=str(value.total), settlement=settlement, **told)


def check_captured(preview: RefundPreview, *, is_paid_elsewhere: bool = False) -> None:
    """Raises `PaidElsewhere` for an order without payments, `NotCaptured` while money is still to come."""
    if preview.is_paid_elsewhere and preview.value.total and not is_paid_elsewhere:
        raise PaidElsewhere(data={"owed": str(preview.value.total), "currency": preview.value.currency})
    if preview.is_waiting:
        raise NotCaptured(
            data={
                "owed": str(preview.value.total),
                "captured": str(preview.captured),
                "currency": preview.value.currency,
            }
        )


def _ask_again(returned: Return) -> None:
    """What a gateway refused to give back is asked for once more; what succeeded or is still open is not."""
    assert returned.order_id is not None
    asked = own_refunds(returned)
    live = sum((each.amount for each in asked if each.state != OperationState.FAILED), _ZERO)
    short = returned.refund_amount - live
    if short > 0:
        refund_order(order_id=returned.order_id, amount=short, reference=f"{returned.reference}:again:{len(asked)}")


def own_refunds(returned: Return) -> list[PaymentOperation]:
    """What was asked of the gateways for the return itself; credit that came back later has references of its own."""
    refunds = PaymentOperation.objects.filter(payment__order=returned.order_id, kind=PaymentOperation.Kind.REFUND)
    own = Q(reference=returned.reference) | Q(reference__startswith=f"{returned.reference}:again:")
    return list(refunds.filter(own).order_by("pk"))


@retry_on_conflict
@transaction.atomic
def refund_returned_credit(*, entry_id: int) -> None:
    """Credit the replacement did not need in the end goes back to the tenders of the first order.

    Credit an order gave back that never became the replacement is left to whoever gives the return free.
    """
    entry = CreditEntry.objects.select_related("authorisation", "returned").get(pk=entry_id)
    assert entry.authorisation is not None
    assert entry.returned is not None
    returned = lock_return(entry.returned)
    spent_on = Payment.objects.filter(gateway_reference=entry.authorisation.reference, gateway="exchange")
    if returned.exchange_order_id is None or not spent_on.filter(order=returned.exchange_order_id).exists():
        return
    assert returned.order_id is not None
    reference = f"{returned.reference}:{entry.reference}"
    if any(refund.reference == reference for refund in live_refunds(returned.order_id)):
        return
    take_back_transfer(order_id=returned.order_id, amount=entry.amount)
    refund_order(order_id=returned.order_id, amount=entry.amount, reference=f"{returned.reference}:{entry.reference}")


def close_settled_returns() -> None:
    """Settled a while ago and all the money given back: nothing more happens to it."""
    given = (
        PaymentOperation.objects.filter(
            payment__order=OuterRef("order"),
            kind=PaymentOperation.Kind.REFUND,
            state=OperationState.SUCCEEDED,
            reference__startswith=Concat(Literal("return:"), OuterRef("number")),
        )
        .exclude(reference__startswith=Concat(Literal("return:"), OuterRef("number"), Literal(":CR")))
        .order_by()
        .values("payment__order")
        .annotate(amount=Sum("amount"))
        .values("amount")
    )
    due = (
        Return.objects.filter(state=ReturnState.SETTLED, settled_at__lte=clock.now() - CLOSE_AFTER)
        .annotate(given=Coalesce(Subquery(given), Literal(_ZERO), output_field=DecimalField()))
        .filter(given__gte=F("refund_amount"))
        .order_by("pk")
    )
    for return_id in due.values_list("pk", flat=True)[:CLOSED_AT_ONCE]:
        _close(return_id)


@retry_on_conflict
@transaction.atomic
def _close(return_id: int) -> None:
    returned = lock_return(Return.objects.get(pk=return_id))
    if returned.state == ReturnState.SETTLED:
        RETURN_MOVES.move(returned, ReturnState.CLOSED, closed_at=clock.now())
        tell(returned, "return.closed")
