"""From a basket to an order: placed once, however often the button is pressed, or given back to the seller."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core.access import EVERYTHING, Access
from oms.core.errors import ConcurrentChange, Invalid, NotFound, StateConflict
from oms.core.retrying import retry_on_conflict
from orders.errors import DuplicateReference, PromiseBroken
from orders.models import Allocation, Basket, BasketLine, Order, Payment
from orders.queries.baskets import modes_of
from orders.services.basketing import refuse_short
from orders.services.cancelling import cancel_order
from orders.services.paying import EXPIRED
from orders.services.placing import place_order
from orders.services.requests import Address, Customer, OrderRequest, RequestedLine, RequestedPayment, Slot
from orders.services.resolving import COLLECTED_MODES, DELIVERED_MODES
from orders.services.timeline import PAYMENT_ABANDONED, note
from orders.states import Mode, OrderState, PaymentState

ABANDONED = "abandoned"


def check_out(*, basket_id: int, payment: RequestedPayment | None, access: Access = EVERYTHING) -> Order:
    """Place the basket as an order that is paid so, with its stock looked at again; None: put aside, paid later.

    Pressed twice, also at the same moment, it is one order. Raises `InsufficientStock` naming what is gone,
    `PromiseBroken` where it could still be delivered otherwise, `PaymentRefused`, or `Invalid` for what is still
    to be said: then the basket stays with the seller.
    """
    basket = Basket.objects.select_related("channel", "stock_point", "pickup_point", "order").get(pk=basket_id)
    if basket.order is not None:
        return basket.order
    request = _request(basket, payment)
    try:
        order = place_order(request=request, access=access)
    except DuplicateReference as error:
        # It was placed a moment ago with another means of payment, and the answer was lost on the way here.
        number = (error.data or {}).get("number")
        order = Order.objects.get(number=number)
    except (ConcurrentChange, PromiseBroken):
        # What is gone altogether is named; else another delivery may still bring it.
        refuse_short(basket)
        raise
    _hand_over(basket_id=basket_id, order=order)
    return order


def _request(basket: Basket, payment: RequestedPayment | None) -> OrderRequest:
    lines = list(BasketLine.objects.filter(basket=basket).select_related("variant").order_by("pk"))
    if not lines:
        raise Invalid("The basket is empty.")
    delivered = [line for line in lines if not line.is_carried_out]
    if delivered and not basket.mode:
        raise Invalid(
            gettext_noop("No delivery is chosen."),
            errors={"delivery": [gettext_noop("Choose how the goods are delivered.")]},
        )
    if delivered and basket.lacks_details:
        raise Invalid(
            gettext_noop("The delivery is not settled."),
            errors={"delivery": [gettext_noop("Say where or when it is delivered.")]},
        )
    if payment is None and (not basket.is_reservation or len(delivered) < len(lines)):
        raise Invalid(
            gettext_noop("Only what is put aside is paid later."),
            errors={"payment": [gettext_noop("Choose how it is paid.")]},
        )
    mode = basket.mode if delivered else Mode.CARRY_OUT.value
    promise = basket.promise or {}
    modes = modes_of(basket, lines)
    return OrderRequest(
        channel=basket.channel.code,
        external_reference=basket.order_reference,
        mode=mode,
        customer=Customer(name=basket.customer_name, email=basket.customer_email, phone=basket.customer_phone),
        lines=tuple(_requested(line, basket, mode, modes[line.pk]) for line in lines),
        shipping_address=_address(basket) if mode in DELIVERED_MODES else None,
        pickup_point=basket.pickup_point.code if basket.pickup_point and mode in COLLECTED_MODES else None,
        selling_stock_point=basket.stock_point.code if basket.stock_point else None,
        reservation=basket.hold_reference if delivered and basket.held_until else "",
        promise_token=promise.get("token", "") if delivered else "",
        shipping_price=Decimal(promise["price"]) if delivered and not promise.get("token") else None,
        relay_point=basket.relay_point if delivered else "",
        slot=Slot(basket.slot_from, basket.slot_to) if delivered and basket.slot_from and basket.slot_to else None,
        payments=() if payment is None or (basket.is_reservation and delivered) else (payment,),
        language=basket.language,
    )


def _requested(line: BasketLine, basket: Basket, mode: str, own: str) -> RequestedLine:
    """A line that is collected while others are delivered says where."""
    where = basket.pickup_point.code if basket.pickup_point and own != mode and own in COLLECTED_MODES else None
    return RequestedLine(sku=line.variant.sku, quantity=line.quantity, mode=own, pickup_point=where)


def _address(basket: Basket) -> Address:
    known = basket.shipping_address or {}
    return Address(
        line1=known.get("line1", ""),
        line2=known.get("line2", ""),
        postcode=known.get("postcode", ""),
        city=known.get("city", ""),
        country=known.get("country", ""),
    )


@retry_on_conflict
@transaction.atomic
def _hand_over(*, basket_id: int, order: Order) -> None:
    """The basket is that order from now on; what it knows of the customer is the order's alone."""
    basket = Basket.objects.locked(basket_id)
    if basket.order_id is not None:
        return
    if basket.consented_at is not None:
        note(order_id=order.pk, event="customer.consented")
    basket.order = order
    basket.customer_name = basket.customer_email = basket.customer_phone = ""
    basket.shipping_address = None
    basket.held_until = None
    basket.save()


@retry_on_conflict
@transaction.atomic
def abandon_payment(*, order_id: int) -> Order:
    """The customer pays differently, or not at all: the order is cancelled and its stock free. No mail tells of it:
    the same basket is about to be paid anew.

    Raises `StateConflict` while nobody knows whether it was paid, and once it was.
    """
    if Payment.objects.filter(order_id=order_id, state=PaymentState.UNKNOWN).exists():
        raise StateConflict(gettext_noop("This payment is being verified."), data={"state": PaymentState.UNKNOWN.value})
    order = cancel_order(order_id=order_id, reason=ABANDONED, only_in=OrderState.PENDING_PAYMENT)
    note(order_id=order_id, event=PAYMENT_ABANDONED)
    return order


@retry_on_conflict
@transaction.atomic
def give_basket_back(*, order_id: int) -> Basket:
    """The order came to nothing (refused, expired, abandoned): its basket may be placed again.

    Raises `StateConflict` for an order that stands or may yet have been paid, and where the seller has begun another
    basket. What is paid for the order from then on goes back: its goods are sold with the basket.
    """
    basket = Basket.objects.filter(order_id=order_id).select_related("order").first()
    if basket is None or basket.order is None:
        raise NotFound(gettext_noop("There is no basket of this order."))
    order = Order.objects.locked(basket.order.pk)
    if order.state not in (OrderState.CANCELLED, OrderState.EXPIRED):
        raise StateConflict(gettext_noop("This order stands."), data={"state": order.state})
    if Payment.objects.filter(order=order, state__in=[PaymentState.UNKNOWN, PaymentState.AUTHORISED]).exists():
        raise StateConflict(gettext_noop("This payment is being verified."), data={"state": order.state})
    Allocation.objects.filter(line__order=order, reason=EXPIRED).update(reason=ABANDONED)
    others = Basket.objects.open().filter(seller_id=basket.seller_id, stock_point_id=basket.stock_point_id)
    for other in others.select_for_update():
        if BasketLine.objects.filter(basket=other).exists():
            raise StateConflict("Another basket is open: finish it or empty it first.", data={"state": "open"})
        other.delete()
    basket = Basket.objects.locked(basket.pk)
    basket.order = None
    basket.attempt += 1
    basket.mode, basket.promise = "", None
    basket.relay_point, basket.slot_from, basket.slot_to = "", None, None
    basket.customer_name, basket.customer_email = order.customer_name, order.customer_email
    basket.customer_phone = order.customer_phone
    basket.shipping_address = order.shipping_address
    basket.save()
    return basket
