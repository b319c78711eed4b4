"""Taking the money for what has left, giving back the authorisation of what never will.

A capture is for one parcel (`parcel:12`), one collected fulfilment without parcels (`fulfilment:7`) or one
sale over the counter (`order:H…`), once. Amounts are differences of cumulative shares, so they never drift:
when everything has left, what was captured is the order's total to the cent.

Captures and voids are decided while the order's payments are locked, each seeing the other's stored
request: never both for the same money.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_noop

from oms.core.audit import record_audit
from oms.core.columns import own_columns
from oms.core.errors import StateConflict
from oms.core.money import quantise
from oms.core.retrying import retry_on_conflict
from orders.models import Allocation, Order, OrderHold, OrderLine, Parcel, ParcelLine, Payment, PaymentOperation
from orders.services.operations import Kind, ask, ask_again, new_operation, record_answer
from orders.services.pricing import cumulative_share
from orders.services.timeline import note
from orders.states import AllocationState, OperationState, OrderState, ParcelState, PaymentState

Units = Counter[int]
"""Units by line id."""

_ZERO = Decimal(0)
_REFUSED_CAPTURE = re.compile(r"The capture of payment \d+ was refused\.")
_ASKED_OF_A_GATEWAY = (*own_columns(PaymentOperation), *(f"payment__{name}" for name in own_columns(Payment)))
_ASKED_OF_A_GATEWAY += ("payment__order__number",)
_CAPTURABLE = (PaymentState.AUTHORISED, PaymentState.PARTIALLY_CAPTURED, PaymentState.PARTIALLY_REFUNDED)


def capture_due(*, order_id: int) -> None:
    """Capture for everything that has left and is not paid yet, then give back what nothing will be sent for."""
    for reference in _due_references(order_id):
        for operation in _prepare_capture(order_id=order_id, reference=reference):
            ask_and_record(operation_id=operation.pk)
    void_rest(order_id=order_id)


def _due_references(order_id: int) -> list[str]:
    """What has left and was never asked for; a capture that failed is for a person to ask again."""
    asked = PaymentOperation.objects.filter(payment__order_id=order_id, kind=Kind.CAPTURE)
    known = set(asked.values_list("reference", flat=True))
    return [reference for reference in _references(order_id) if reference not in known]


def _references(order_id: int) -> list[str]:
    """Everything that has left, as captures name it."""
    parcels = Parcel.objects.filter(fulfilment__order_id=order_id, handed_over_at__isnull=False)
    references = [f"parcel:{pk}" for pk in parcels.order_by("pk").values_list("pk", flat=True)]
    collected = _collected_on_the_spot(order_id).order_by("fulfilment_id")
    for fulfilment_id in collected.values_list("fulfilment_id", flat=True).distinct():
        references.append(f"order:{order_id}" if fulfilment_id is None else f"fulfilment:{fulfilment_id}")
    return references


def _collected_on_the_spot(order_id: int) -> QuerySet[Allocation]:
    """Slices handed to the customer that no carrier was paid for bringing: those were due when they left."""
    collected = Allocation.objects.filter(line__order_id=order_id, state=AllocationState.COLLECTED)
    return collected.exclude(parcel_lines__parcel__handed_over_at__isnull=False)


def _units_of(order_id: int, reference: str) -> Units:
    """What left under one reference."""
    kind, _, pk = reference.partition(":")
    if kind == "parcel":
        rows = ParcelLine.objects.filter(parcel_id=int(pk)).exclude(parcel__state=ParcelState.CANCELLED)
        return Counter(dict(rows.values_list("allocation__line_id").annotate(Sum("quantity")).order_by()))
    collected = _collected_on_the_spot(order_id)
    of_this = collected.filter(fulfilment_id=int(pk)) if kind == "fulfilment" else collected.filter(fulfilment=None)
    return Counter(dict(of_this.values_list("line_id").annotate(Sum("quantity")).order_by()))


def share_of(lines: Sequence[OrderLine], units: Units, order: Order) -> Decimal:
    """What so many units of each line cost, with shipping as soon as there are any."""
    goods = sum((cumulative_share(line.total, units[line.pk], line.quantity, order.currency) for line in lines), _ZERO)
    return goods + (order.shipping if sum(units.values()) else _ZERO)


@retry_on_conflict
@transaction.atomic
def _prepare_capture(*, order_id: int, reference: str, is_again: bool = False) -> list[PaymentOperation]:
    """Store the requests: the amount of this reference over the order's payments, oldest first.

    `is_again`: what was refused of it before is asked for with a new key; what succeeded is not.
    """
    order = Order.objects.only("currency", "shipping").locked(order_id)
    payments = Payment.objects.locked(order_id)
    if not payments or OrderHold.objects.filter(order=order, released_at__isnull=True).exists():
        return []
    operations = list(PaymentOperation.objects.live().filter(payment__in=payments))
    captures = [operation for operation in operations if operation.kind == Kind.CAPTURE]
    before = [operation for operation in captures if operation.reference == reference]
    if any(not is_again or operation.state != OperationState.SUCCEEDED for operation in before):
        return []
    used = {operation.payment_id for operation in before}
    references = {reference, *(operation.reference for operation in captures)}
    amount = _owed_for(order, references) - _sum(captures)
    stored = []
    for payment, share in _spread([each for each in payments if each.pk not in used], operations, amount):
        stored.append(new_operation(payment, Kind.CAPTURE, share, reference=reference))
    short = amount - _sum(stored)
    if short > 0:
        _call_for_help(order, f"{quantise(short, order.currency)} {order.currency} could not be captured.")
    PaymentOperation.objects.bulk_create(stored)
    return stored


def _owed_for(order: Order, references: Iterable[str]) -> Decimal:
    """What is owed for all that left under these references together."""
    units: Units = Counter()
    for reference in references:
        units.update(_units_of(order.pk, reference))
    return share_of(list(OrderLine.objects.filter(order=order)), units, order)


def _sum(operations: Iterable[PaymentOperation]) -> Decimal:
    return sum((operation.amount for operation in operations), _ZERO)


def _spread(
    payments: Sequence[Payment], operations: Sequence[PaymentOperation], amount: Decimal
) -> list[tuple[Payment, Decimal]]:
    shares = []
    for payment in payments:
        own = [operation for operation in operations if operation.payment_id == payment.pk]
        is_voiding = any(operation.kind == Kind.VOID for operation in own)
        if payment.state not in _CAPTURABLE or is_voiding:
            continue
        share = min(amount, payment.amount - _sum(each for each in own if each.kind == Kind.CAPTURE))
        if share > 0:
            shares.append((payment, share))
            amount -= share
    return shares


def void_rest(*, order_id: int) -> None:
    """Give back what was authorised for goods that will never be sent."""
    # Most orders end here, fully captured: no lock is taken to learn that there is nothing to give back.
    if not Payment.objects.with_rest().filter(order_id=order_id).exists():
        return
    for operation in _prepare_voids(order_id=order_id):
        ask_and_record(operation_id=operation.pk)


@retry_on_conflict
@transaction.atomic
def _prepare_voids(*, order_id: int) -> list[PaymentOperation]:
    order = Order.objects.locked(order_id)
    payments = Payment.objects.locked(order_id)
    if not _is_settled(order):
        return []
    stored = []
    for payment in payments:
        own = PaymentOperation.objects.live().filter(payment=payment)
        is_busy = own.filter(kind=Kind.VOID).exists() or own.open().filter(kind=Kind.CAPTURE).exists()
        rest = payment.amount - payment.captured - payment.voided
        if payment.state in _CAPTURABLE and not is_busy and rest > 0:
            stored.append(new_operation(payment, Kind.VOID, rest, reference="rest"))
    return PaymentOperation.objects.bulk_create(stored)


def _is_settled(order: Order) -> bool:
    """Nothing more of the order will be sent, and all that was sent has been asked for. The order is locked."""
    if order.state == OrderState.PENDING_PAYMENT:
        return False
    coming = Allocation.objects.counted().filter(line__order=order)
    if coming.exclude(state__in=[*AllocationState.done(), AllocationState.CANCELLED]).exists():
        return False
    asked = PaymentOperation.objects.live().filter(payment__order=order, kind=Kind.CAPTURE)
    return _owed_for(order, _references(order.pk)) <= _sum(asked)


@retry_on_conflict
def ask_and_record(*, operation_id: int) -> str:
    """Put one stored request to its gateway, or ask what became of it; its state afterwards."""
    operations = PaymentOperation.objects.select_related("payment__order").only(*_ASKED_OF_A_GATEWAY)
    operation = operations.get(pk=operation_id)
    if operation.state not in (OperationState.PENDING, OperationState.UNKNOWN):
        return operation.state
    number = operation.payment.order.number
    is_new = operation.state == OperationState.PENDING
    answer = ask(operation, order_number=number) if is_new else ask_again(operation, order_number=number)
    with transaction.atomic():
        order = Order.objects.only("number").locked(operation.payment.order_id)
        payments = Payment.objects.locked(order.pk)
        payment = next(payment for payment in payments if payment.pk == operation.payment_id)
        if record_answer(operation, answer, payment=payment):
            note(
                order_id=order.pk,
                event=f"payment.{operation.kind}_{operation.state}",
                payment=payment.pk,
                amount=str(quantise(operation.amount, payment.currency)),
                reference=operation.reference,
            )
            if operation.state == OperationState.FAILED:
                _call_for_help(order, f"The {operation.kind} of payment {payment.pk} was refused.")
    return operation.state


def retry_captures(*, order_id: int) -> None:
    """Ask again for every capture that was refused, as a person decided: with a new key, for what is owed now.

    Raises `StateConflict` while the order is held, or when nothing refused is still owed.
    """
    order = Order.objects.get(pk=order_id)
    is_held = OrderHold.objects.filter(order=order, released_at__isnull=True).exists()
    refused = PaymentOperation.objects.refused().filter(payment__order=order, kind=Kind.CAPTURE)
    stored = []
    for reference in [] if is_held else sorted(set(refused.values_list("reference", flat=True))):
        stored += _prepare_capture(order_id=order_id, reference=reference, is_again=True)
    if not stored:
        raise StateConflict(
            gettext_noop("There is no capture to ask for again."), data={"state": order.state, "on_hold": is_held}
        )
    record_audit("payment.capture_retried", subject=f"order:{order.number}")
    _take_back_calls(order_id)
    for operation in stored:
        ask_and_record(operation_id=operation.pk)
    capture_due(order_id=order_id)


@retry_on_conflict
@transaction.atomic
def _take_back_calls(order_id: int) -> None:
    """Whoever asked again has seen what was refused; what others called for stays."""
    order = Order.objects.locked(order_id)
    attention = _REFUSED_CAPTURE.sub("", order.needs_attention)
    Order.objects.filter(pk=order_id).update(needs_attention=" ".join(attention.split()))


def _call_for_help(order: Order, reason: str) -> None:
    Order.objects.filter(pk=order.pk).update(needs_attention=reason)
    note(order_id=order.pk, event="order.needs_attention", reason=reason)
