"""A replacement instead of the money: a new order, paid with what the returned goods are worth.

1. The return says that it is being exchanged and what credit it grants (transaction).
2. The replacement is placed like any order, the exchange gateway being one of its payments.
3. The return is settled by it; what the credit leaves is refunded (transaction).

When 2 fails the return is as it was, as soon as no order holds its credit. Whoever dies in between leaves
a return that is being exchanged: `resume_exchanges` finds the replacement by its reference, or gives the
return free again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal

import structlog
from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core import clock
from oms.core.access import EVERYTHING, Access
from oms.core.errors import Invalid, OmsError, StateConflict
from oms.core.money import apportion, minor_unit
from oms.core.retrying import retry_on_conflict
from orders.errors import UnknownSku, WrongTotal
from orders.models import Order, Payment
from orders.services.placing import place_order
from orders.services.refunding import refund_order
from orders.services.requests import Address, Customer, OrderRequest, RequestedLine, RequestedPayment
from orders.services.resolving import COLLECTED_MODES, DELIVERED_MODES
from orders.services.transferring import take_back_transfer, transfer_captured
from orders.states import Mode, OrderState
from returns.errors import NothingToRefund
from returns.gateways import EXCHANGE, spent_credit, token_for
from returns.models import CreditEntry, Return
from returns.queries.policies import policy_for
from returns.queries.returnable import banner_of
from returns.queries.valuing import Value, preview_of, value_of
from returns.services.locking import lock_return
from returns.services.settling import check_captured, require_inspected, settle
from returns.states import ReturnState, Way
from stock.models import SalesChannel, Variant

logger = structlog.get_logger(__name__)

ABANDONED_AFTER = timedelta(minutes=5)
# How the channel's reference of a replacement begins.
_REFERENCE = "exchange:"
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Replacement:
    """What the customer takes instead; no lines: the same articles once more. Empty fields: as the first order.

    `payments` is for what it costs more than the returned goods were worth.
    """

    lines: tuple[tuple[str, int], ...] = ()
    mode: str = ""
    channel: str = ""
    pickup_point: str = ""
    selling_stock_point: str = ""
    shipping_address: Address | None = None
    payments: tuple[RequestedPayment, ...] = ()


def exchange_return(*, return_id: int, replacement: Replacement, access: Access = EVERYTHING) -> Return:
    """Settle an inspected return by a new order; the return, with its `exchange_order`.

    Of the same product and as many units it costs what the returned units were worth, whatever the price is
    today; anything else its price. Raises what placing an order raises, `WrongTotal` where `payments` are not
    what it costs more, `NotInspected`, `NotCaptured`.
    """
    returned = Return.objects.select_related("order__channel", "order__pickup_point", "stock_point").get(pk=return_id)
    if returned.exchange_order_id is not None:
        return returned
    value = _grant(return_id)
    returned.refresh_from_db()
    try:
        order = place_order(request=_request(returned, value, replacement), access=access)
    except OmsError:
        placed = _replacement_of(returned)
        if placed is None:
            give_free(return_id=return_id)
            raise
        # Whatever went wrong, the order stands and is paid with the credit.
        order = placed
    return _conclude(return_id, order)


@retry_on_conflict
@transaction.atomic
def _grant(return_id: int) -> Value:
    returned = lock_return(Return.objects.get(pk=return_id))
    order = require_inspected(returned)
    if returned.settlement:
        raise StateConflict(gettext_noop("This return is being exchanged already."), data={"state": returned.state})
    value = value_of(returned, policy_for(banner_of(order)))
    preview = preview_of(value, Payment.objects.locked(order.pk), order)
    check_captured(preview)
    if preview.amount <= 0:
        raise NothingToRefund
    # What was refunded otherwise before cannot be spent a second time, nor this be refunded beside it.
    transfer_captured(order_id=order.pk, amount=preview.amount)
    Return.objects.filter(pk=returned.pk).update(
        settlement=Return.Settlement.EXCHANGE, credit_amount=preview.amount, exchanging_since=clock.now()
    )
    return value


@retry_on_conflict
@transaction.atomic
def give_free(*, return_id: int) -> None:
    """The exchange came to nothing: the return may be refunded or exchanged again.

    Not while an order holds some of its credit: once that gave it back, this is called again.
    """
    returned = lock_return(Return.objects.get(pk=return_id))
    if returned.state != ReturnState.INSPECTED or not returned.settlement or returned.order_id is None:
        return
    if spent_credit(returned) > 0 or _replacement_of(returned) is not None:
        return
    take_back_transfer(order_id=returned.order_id, amount=returned.credit_amount)
    Return.objects.filter(pk=return_id).update(settlement="", credit_amount=0, exchanging_since=None)


def give_free_after(*, entry_id: int) -> None:
    """An order that never became the replacement gave its credit back."""
    returned_id = CreditEntry.objects.values_list("returned_id", flat=True).get(pk=entry_id)
    if returned_id is not None:
        give_free(return_id=returned_id)


def _replacement_of(returned: Return) -> Order | None:
    """The order that replaces what came back, where it was placed and stands."""
    placed = Order.objects.placed().filter(external_reference=_reference(returned))
    return placed.exclude(state__in=[OrderState.CANCELLED, OrderState.EXPIRED]).order_by("-pk").first()


@retry_on_conflict
@transaction.atomic
def _conclude(return_id: int, replacing: Order) -> Return:
    returned = lock_return(Return.objects.get(pk=return_id))
    if returned.state != ReturnState.INSPECTED:
        return returned
    order = returned.order
    assert order is not None
    spent = spent_credit(returned)
    rest = returned.credit_amount - spent
    value = value_of(returned, policy_for(banner_of(order)))
    if rest > 0:
        take_back_transfer(order_id=order.pk, amount=rest)
        refund_order(order_id=order.pk, amount=rest, reference=returned.reference)
    settle(
        returned,
        value,
        settlement=Return.Settlement.EXCHANGE,
        refund_amount=rest,
        credit_amount=spent,
        exchange_order=replacing,
    )
    return returned


def resume_exchanges() -> None:
    """Exchanges somebody began and did not finish: with their replacement if it was placed, else given up."""
    stuck = Return.objects.filter(
        state=ReturnState.INSPECTED,
        settlement=Return.Settlement.EXCHANGE,
        exchanging_since__lte=clock.now() - ABANDONED_AFTER,
    )
    for returned in stuck.order_by("exchanging_since", "pk")[:50]:
        try:
            _resume(returned)
        except Exception as error:
            # One that fails, for whatever reason, must not keep the others from being resumed.
            logger.exception("exchange.not_resumed", returned=returned.number, error=repr(error))


def _resume(returned: Return) -> None:
    order = _replacement_of(returned)
    if order is None:
        give_free(return_id=returned.pk)
    else:
        _conclude(returned.pk, order)


def _reference(returned: Return) -> str:
    return f"{_REFERENCE}{returned.number}"


def is_replacement(order: Order) -> bool:
    """Whether it was placed for goods that came back."""
    return order.external_reference.startswith(_REFERENCE)


def _request(returned: Return, value: Value, replacement: Replacement) -> OrderRequest:
    first = returned.order
    assert first is not None
    channel = replacement.channel or first.channel.code
    _check_currency(channel, first.currency)
    lines = _lines(value, replacement, first.currency)
    total = sum(((line.unit_price or _ZERO) * line.quantity - line.discount for line in lines), _ZERO)
    credit = min(total, returned.credit_amount)
    mode = replacement.mode or _usual_mode(returned, first)
    carried = returned.stock_point.code if mode == Mode.CARRY_OUT and returned.stock_point else None
    return OrderRequest(
        channel=channel,
        external_reference=_reference(returned),
        mode=mode,
        customer=Customer(
            name=first.customer_name,
            email=first.customer_email,
            phone=first.customer_phone,
            class_=first.customer_class,
        ),
        lines=tuple(lines),
        shipping_address=replacement.shipping_address or _address_of(first) if mode in DELIVERED_MODES else None,
        pickup_point=replacement.pickup_point or _pickup_point(first) if mode in COLLECTED_MODES else None,
        selling_stock_point=replacement.selling_stock_point or carried,
        relay_point=first.relay_point if mode == Mode.RELAY else "",
        shipping_price=_ZERO,
        payments=_payments(returned, credit, total - credit, replacement.payments),
        language=first.language,
    )


def _check_currency(channel: str, currency: str) -> None:
    """What was paid in one currency buys nothing in another."""
    sold_in = SalesChannel.objects.filter(code=channel).values_list("currency", flat=True).first()
    if sold_in is not None and sold_in != currency:
        raise Invalid(
            errors={"channel": [f"{channel} sells in {sold_in}, the returned goods were paid in {currency}."]}
        )


def _usual_mode(returned: Return, first: Order) -> str:
    """Who stands in the shop carries the other one out; else it comes as the first one did."""
    if returned.way in (Way.STORE, Way.BLIND) and returned.stock_point is not None:
        return Mode.CARRY_OUT if returned.stock_point.kind == "store" else Mode.HOME
    return Mode.HOME if first.mode == Mode.SLOT else first.mode


def _address_of(first: Order) -> Address | None:
    known = {field.name for field in fields(Address)}
    given = first.shipping_address or first.billing_address
    return Address(**{name: value for name, value in given.items() if name in known and value}) if given else None


def _pickup_point(first: Order) -> str | None:
    return first.pickup_point.code if first.pickup_point is not None else None


def _lines(value: Value, replacement: Replacement, currency: str) -> list[RequestedLine]:
    """The replacement's lines with what each costs."""
    wanted = dict(Counter(dict(replacement.lines))) or _same_again(value)
    variants = {variant.sku: variant for variant in Variant.objects.filter(sku__in=wanted, is_active=True)}
    unknown = sorted(set(wanted) - variants.keys())
    if unknown:
        raise UnknownSku(errors={"lines": {sku: [f"There is no article {sku}."] for sku in unknown}})
    worth = _worth_by_product(value)
    units: Counter[int] = Counter()
    for sku, quantity in wanted.items():
        units[variants[sku].product_id] += quantity
    lines = []
    for product_id in units:
        own = [(sku, quantity) for sku, quantity in wanted.items() if variants[sku].product_id == product_id]
        came, amount = worth.get(product_id, (0, _ZERO))
        if came == units[product_id]:
            shares = apportion(amount, [Decimal(quantity) for _, quantity in own], currency)
            lines += [
                _line_costing(sku, quantity, share, currency)
                for (sku, quantity), share in zip(own, shares, strict=True)
            ]
        else:
            lines += [RequestedLine(sku, quantity, unit_price=variants[sku].price) for sku, quantity in own]
    return lines


def _same_again(value: Value) -> dict[str, int]:
    units: Counter[str] = Counter()
    for share in value.shares:
        units[share.claim.order_line.sku] += share.quantity
    return dict(units)


def _worth_by_product(value: Value) -> dict[int, tuple[int, Decimal]]:
    """Product → units given back of it, and what they were worth."""
    worth: dict[int, tuple[int, Decimal]] = {}
    products = dict(
        Variant.objects.filter(pk__in={share.claim.order_line.variant_id for share in value.shares}).values_list(
            "pk", "product_id"
        )
    )
    for share in value.shares:
        product = products[share.claim.order_line.variant_id]
        units, amount = worth.get(product, (0, _ZERO))
        worth[product] = (units + share.quantity, amount + share.amount)
    return worth


def _line_costing(sku: str, quantity: int, total: Decimal, currency: str) -> RequestedLine:
    """A line of exactly this total: what does not divide is a discount of a few minor units."""
    unit = minor_unit(currency)
    price = (total / quantity / unit).to_integral_value(rounding=ROUND_CEILING) * unit
    return RequestedLine(sku, quantity, unit_price=price, discount=price * quantity - total)


def _payments(
    returned: Return, credit: Decimal, rest: Decimal, given: Sequence[RequestedPayment]
) -> tuple[RequestedPayment, ...]:
    """The customer's own payments for what it costs more, and for nothing else; then the credit.

    Asked in this order, no credit is spent where the customer's own payment is refused.
    """
    if bool(given) != (rest > 0):
        raise WrongTotal(
            gettext_noop("The replacement costs more than the returned goods were worth: say how the rest is paid.")
            if rest > 0
            else gettext_noop("The returned goods pay for the replacement: nothing is left to pay."),
            data={"credit": str(credit), "rest": str(rest)},
        )
    own = (RequestedPayment(gateway=EXCHANGE, method=EXCHANGE, amount=credit, token=token_for(returned)),)
    return tuple(given) + (own if credit > 0 else ())
