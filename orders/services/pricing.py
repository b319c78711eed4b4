"""What an order costs: line amounts, the tax they contain, and how payments share the total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext_noop

from oms.core.errors import Invalid
from oms.core.money import quantise
from orders.errors import WrongTotal
from orders.services.requests import RequestedLine, RequestedPayment

_ZERO = Decimal(0)
_TOO_MUCH = Decimal(10) ** 10


@dataclass(frozen=True, slots=True)
class PricedLine:
    """`total = unit_price × quantity - discount`, tax included; `tax` is the part contained in it."""

    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class PricedOrder:
    lines: tuple[PricedLine, ...]
    tax_rate: Decimal
    subtotal: Decimal
    shipping: Decimal
    tax: Decimal
    total: Decimal
    currency: str


def tax_rate_for(country: str | None) -> Decimal:
    """The standard rate where the goods go (settings), as a fraction: 0.20."""
    return Decimal(settings.TAX_RATES.get(country or "", settings.DEFAULT_TAX_RATE))


def tax_contained(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    return quantise(amount * rate / (1 + rate), currency)


def price_order(
    *,
    lines: Sequence[RequestedLine],
    variant_prices: Mapping[str, Decimal],
    shipping_price: Decimal,
    country: str | None,
    currency: str,
) -> PricedOrder:
    """Amounts of every line and of the whole; `variant_prices` by SKU, used where a line gives none."""
    rate = tax_rate_for(country)
    priced = tuple(
        _price_line(index, line, variant_prices[line.sku], rate, currency) for index, line in enumerate(lines)
    )
    subtotal = sum((line.total for line in priced), _ZERO)
    shipping = _in_minor_units(
        shipping_price, currency, {"shipping_price": [gettext_noop("Not an amount of this currency.")]}
    )
    _check_size(subtotal + shipping, {"lines": [gettext_noop("The order costs more than an order can.")]})
    return PricedOrder(
        lines=priced,
        tax_rate=rate,
        subtotal=subtotal,
        shipping=shipping,
        tax=sum((line.tax for line in priced), _ZERO) + tax_contained(shipping, rate, currency),
        total=subtotal + shipping,
        currency=currency,
    )


def _price_line(index: int, line: RequestedLine, price: Decimal, rate: Decimal, currency: str) -> PricedLine:
    errors = {"lines": {str(index): {"unit_price": [gettext_noop("Not an amount of this currency.")]}}}
    unit_price = _in_minor_units(price if line.unit_price is None else line.unit_price, currency, errors)
    discount = _in_minor_units(
        line.discount, currency, {"lines": {str(index): {"discount": [gettext_noop("Not an amount.")]}}}
    )
    total = unit_price * line.quantity - discount
    if total < 0:
        raise Invalid(errors={"lines": {str(index): {"discount": [gettext_noop("More than the line costs.")]}}})
    _check_size(total, {"lines": {str(index): {"quantity": [gettext_noop("The line costs more than an order can.")]}}})
    return PricedLine(unit_price=unit_price, discount=discount, tax=tax_contained(total, rate, currency), total=total)


def _check_size(amount: Decimal, errors: Mapping[str, object]) -> None:
    """Amounts have ten digits before the point."""
    if amount >= _TOO_MUCH:
        raise Invalid(errors=errors)


def _in_minor_units(amount: Decimal, currency: str, errors: Mapping[str, object]) -> Decimal:
    """The amount with the currency's decimals; a finer one would make totals that cannot be paid."""
    whole = quantise(amount, currency)
    if whole != amount or amount < 0:
        raise Invalid(errors=errors)
    return whole


def payment_amounts(payments: Sequence[RequestedPayment], *, total: Decimal, currency: str) -> list[Decimal]:
    """What each payment is for. One without an amount takes what the others leave of the total.

    Raises `WrongTotal` unless together they are exactly the total.
    """
    given = [payment.amount for payment in payments if payment.amount is not None]
    paid = sum(given, _ZERO)
    open_ended = len(payments) - len(given)
    rest = total - paid
    if not payments:
        return []
    if open_ended > 1 or rest < 0 or (rest != 0 and not open_ended) or (open_ended and rest == 0 and given):
        raise WrongTotal(data={"total": str(total), "paid": str(paid), "currency": currency})
    return [quantise(rest if payment.amount is None else payment.amount, currency) for payment in payments]


def cumulative_share(total: Decimal, units: int, of_units: int, currency: str) -> Decimal:
    """What the first `units` of a line's `of_units` cost.

    Differences of it are the shares of parcels: they never drift, and the last unit closes the line's
    total to the cent whatever was captured or refunded before.
    """
    return quantise(total * units / of_units, currency)
